import type { AnswerColumn } from '../rest/client.ts';
import { toJson } from '../rest/json-row.ts';
import type { JsonValue } from '../rest/protocol.ts';
import { styles } from './style.ts';
import { Table } from './table.ts';

export type OutputForm = 'table' | 'json' | 'csv';

/** Rows held back to find out how wide the columns want to be. */
const SAMPLE_ROWS = 50;

/** Prints the rows of one answer as they come. */
export class RowPrinter {
  readonly #columns: readonly AnswerColumn[];
  readonly #form: OutputForm;
  readonly #statement: number;
  #held: string[][] | undefined = [];
  #table: Table | undefined;
  count = 0;

  constructor(columns: readonly AnswerColumn[], form: OutputForm, statement: number) {
    this.#columns = columns;
    this.#form = form;
    this.#statement = statement;
    if (form === 'csv') process.stdout.write(`${columns.map(({ name }) => csvField(name)).join(',')}\n`);
  }

  add(values: readonly JsonValue[], removed: boolean): void {
    this.count++;
    if (this.#form === 'json') {
      const row = Object.fromEntries(this.#columns.map(({ name }, i) => [name, values[i] ?? null]));
      process.stdout.write(
        `${toJson(removed ? { statement: this.#statement, row, removed: true } : { statement: this.#statement, row })}\n`,
      );
      return;
    }
    const cells = values.map(cellText);
    if (this.#form === 'csv') {
      process.stdout.write(`${values.map((value) => (value === null ? '' : csvField(cellText(value)))).join(',')}\n`);
      return;
    }
    if (this.#held === undefined)
      process.stdout.write(
        this.#table!.row(removed ? cells.map((cell) => (cell === '' ? '' : `${cell} (removed)`)) : cells),
      );
    else {
      this.#held.push(cells);
      if (this.#held.length >= SAMPLE_ROWS) this.flush();
    }
  }

  /** Prints what was held back; to be called when no more rows come for a while. */
  flush(): void {
    if (this.#held === undefined || this.#form !== 'table') return;
    const columns = this.#columns.map(({ name, type }) => ({
      name,
      type,
      numeric: /^(INTEGER|BIGINT|DOUBLE|DECIMAL)/.test(type),
    }));
    this.#table = new Table(
      columns,
      styles(process.stdout),
      process.stdout.isTTY ? process.stdout.columns : undefined,
    ).fit(this.#held);
    process.stdout.write(this.#table.header());
    for (const cells of this.#held) process.stdout.write(this.#table.row(cells));
    this.#held = undefined;
  }
}

function cellText(value: JsonValue): string {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? value : toJson(value);
}

const csvField = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
