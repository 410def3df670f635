/** How a server writes what it has to say: for people, or a JSON object to a line for what collects logs. */
export type LogFormat = 'text' | 'json';

/** What the server says while it runs: one line each, on standard error; where it listens, on standard output. */
export class ServerLog {
  readonly #format: LogFormat;

  constructor(format: LogFormat) {
    this.#format = format;
  }

  info(message: string): void {
    this.#write(process.stderr, 'info', message);
  }

  warn(message: string): void {
    this.#write(process.stderr, 'warn', message);
  }

  /** It answers somewhere from now on. @param where for people, such as `listening on` */
  open(where: string, address: string): void {
    this.#write(process.stdout, 'info', `${where} ${address}`, { address });
  }

  #write(stream: NodeJS.WriteStream, level: 'info' | 'warn', message: string, fields: Record<string, string> = {}) {
    const line =
      this.#format === 'json' ? JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }) : message;
    stream.write(`${line}\n`);
  }
}
