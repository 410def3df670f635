import type { Port } from '../api/port/messages.ts';
import type { DataFile, DataFiles } from '../connectors/configuration/data-files.ts';
import type { FileReply, FileRequest } from './worker-messages.ts';

/** The files that whoever has started the engine gives it. Each is read as a whole when it is opened. */
export class AskedFiles implements DataFiles {
  readonly #port: Port;
  readonly #waiting = new Map<number, (text: string | undefined) => void>();
  #nextId = 0;

  constructor(port: Port) {
    this.#port = port;
    port.onmessage = ({ data }) => {
      const { id, text } = data as FileReply;
      this.#waiting.get(id)?.(text);
      this.#waiting.delete(id);
    };
  }

  async open(name: string): Promise<DataFile> {
    const text = await new Promise<string | undefined>((resolve) => {
      const id = this.#nextId++;
      this.#waiting.set(id, resolve);
      this.#port.postMessage({ id, name } satisfies FileRequest);
    });
    if (text === undefined)
      throw new Error(
        'there is no such file. Its path begins at a folder of the workspace, or it is data of an example.',
      );
    return new ReadFile(text);
  }
}

class ReadFile implements DataFile {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  async text(): Promise<string> {
    return this.#text;
  }

  async *lines(): AsyncIterable<string> {
    const text = this.#text;
    for (let start = 0; start < text.length; ) {
      const found = text.indexOf('\n', start);
      const end = found < 0 ? text.length : found;
      yield text.slice(start, text[end - 1] === '\r' ? end - 1 : end);
      start = end + 1;
    }
  }

  close(): void {}
}
