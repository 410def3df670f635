import { presentAnswer } from '../../api/present-answer.ts';
import type { Entity } from '../../api/protocol.ts';
import { styles } from './style.ts';
import { printTable } from './table.ts';

/** Prints the answer to a statement that gives no rows; warnings go to standard error. */
export function printEntity(entity: Entity): void {
  const { message, table, warnings = [] } = presentAnswer(entity);
  const { stdout, stderr } = process;
  for (const warning of warnings) stderr.write(`${styles(stderr).yellow('warning')}: ${warning}\n`);
  if (message !== undefined) stdout.write(`${message}\n`);
  if (table === undefined) return;
  const rows = table.rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell))));
  stdout.write(printTable(table.columns, rows, styles(stdout), stdout.isTTY ? stdout.columns : undefined));
}
