import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { KsqlClient } from '../../api/client.ts';
import { count } from '../../api/row-count.ts';
import { captureLines } from '../../api/topics/topics-client.ts';
import { EXIT, type ExitCode, UsageError } from '../../script/exit-codes.ts';

export interface CaptureOptions {
  /** Where the lines go; standard output if it is not given. */
  readonly output?: string;
  readonly first?: number;
  readonly last?: number;
  /** Milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
}

/** `ksql capture`: writes records of topics as the lines of a fixture file. @throws ClientError */
export async function capture(
  client: KsqlClient,
  topics: readonly string[],
  options: CaptureOptions,
): Promise<ExitCode> {
  const { first, last, from: fromMs, to: toMs } = options;
  if (first !== undefined && last !== undefined) throw new UsageError('Give --first or --last, not both.');
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once('SIGINT', interrupt);
  // The file is made once the first line is there: a topic that does not exist leaves none.
  let file: ReturnType<typeof createWriteStream> | undefined;
  let records = 0;
  try {
    for await (const line of captureLines(client, { topics, first, last, fromMs, toMs }, abort.signal)) {
      if (options.output !== undefined) file ??= createWriteStream(options.output);
      const sink = file ?? process.stdout;
      if (!sink.write(`${line}\n`)) await new Promise<void>((resolve) => sink.once('drain', resolve));
      if (!/^\{"topic":"[^"]*","partitions"|^\{"schema"/.test(line)) records++;
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    return EXIT.interrupted;
  } finally {
    process.off('SIGINT', interrupt);
    file?.end();
  }
  if (file !== undefined) {
    await finished(file);
    process.stderr.write(`${records === 1 ? 'One record' : `${count(records)} records`} in ${options.output}\n`);
  }
  return EXIT.done;
}
