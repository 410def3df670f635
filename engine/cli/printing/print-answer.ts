import { ClientError, type QueryStream } from '../../api/client.ts';
import type { RowPrinter } from './row-printer.ts';

/** After so long without a row, in milliseconds, what a printer holds back is shown. */
const QUIET_MS = 100;
/** While rows keep coming, what they change is drawn this often. */
const DRAW_MS = 50;

/**
 * Prints the rows of an answer until it ends or is closed.
 *
 * @param idleMs ends the query when no row has come for so long, in milliseconds
 * @returns the number of rows
 * @throws ClientError when the server says that the query has failed
 */
export async function printAnswer(stream: QueryStream, printer: RowPrinter, idleMs?: number): Promise<number> {
  let count = 0;
  let drawn = performance.now();
  let quiet: NodeJS.Timeout | undefined;
  const idle = idleMs === undefined ? undefined : setTimeout(() => stream.close(), idleMs);
  try {
    for await (const events of stream) {
      for (const event of events) {
        if (event.kind === 'error') throw new ClientError(event.error.message, 500, event.error);
        if (event.kind !== 'row') continue;
        printer.add(event.content.values, event.content.tombstone);
        count++;
      }
      idle?.refresh();
      clearTimeout(quiet);
      if (performance.now() - drawn > DRAW_MS && count > 0) {
        printer.flush();
        drawn = performance.now();
      } else quiet = setTimeout(() => printer.flush(), QUIET_MS);
    }
  } finally {
    clearTimeout(idle);
    clearTimeout(quiet);
    printer.flush();
  }
  return count;
}
