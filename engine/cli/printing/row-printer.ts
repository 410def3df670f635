import type { AnswerColumn } from '../../api/client.ts';
import { csvField } from '../../api/csv-field.ts';
import { toJson } from '../../api/json-row.ts';
import type { JsonValue } from '../../api/protocol.ts';
import { LiveTable } from './live-table.ts';
import { styles } from './style.ts';
import { Table } from './table.ts';

export type OutputForm = 'table' | 'json' | 'csv';

/** Prints the rows of one answer as they come. */
export interface RowPrinter {
  add(values: readonly JsonValue[], removed: boolean): void;
  /** Prints what was held back; to be called when no more rows come for a moment, and at the end. */
  flush(): void;
}

/** What rows are printed as. */
export interface RowPrinterOptions {
  readonly form: OutputForm;
  /** The index of the statement, which goes with every row in JSON. */
  readonly statement: number;
  /** The key columns of the answer where it is a table: on a terminal, rows of the same key are one line. */
  readonly key?: readonly number[] | undefined;
}

export function rowPrinter(
  columns: readonly AnswerColumn[],
  { form, statement, key }: RowPrinterOptions,
  output: NodeJS.WriteStream = process.stdout,
): RowPrinter {
  switch (form) {
    case 'json':
      return new JsonRows(columns, statement, output);
    case 'csv':
      return new CsvRows(columns, output);
    case 'table':
      return new TableRows(columns, output.isTTY ? key : undefined, output);
    default:
      return form satisfies never;
  }
}

class JsonRows implements RowPrinter {
  readonly #columns: readonly AnswerColumn[];
  readonly #statement: number;
  readonly #output: NodeJS.WriteStream;

  constructor(columns: readonly AnswerColumn[], statement: number, output: NodeJS.WriteStream) {
    this.#columns = columns;
    this.#statement = statement;
    this.#output = output;
  }

  add(values: readonly JsonValue[], removed: boolean): void {
    const row = Object.fromEntries(this.#columns.map(({ name }, i) => [name, values[i] ?? null]));
    const line = { statement: this.#statement, row };
    this.#output.write(`${toJson(removed ? { ...line, removed: true } : line)}\n`);
  }

  flush(): void {}
}

class CsvRows implements RowPrinter {
  readonly #output: NodeJS.WriteStream;

  constructor(columns: readonly AnswerColumn[], output: NodeJS.WriteStream) {
    this.#output = output;
    output.write(`${columns.map(({ name }) => csvField(name)).join(',')}\n`);
  }

  add(values: readonly JsonValue[]): void {
    this.#output.write(`${values.map((value) => (value === null ? '' : csvField(cellText(value)))).join(',')}\n`);
  }

  flush(): void {}
}

/** Rows held back to find out how wide the columns want to be. */
const SAMPLE_ROWS = 50;

interface HeldRow {
  readonly cells: readonly string[];
  readonly removed: boolean;
}

class TableRows implements RowPrinter {
  readonly #table: Table;
  readonly #style;
  readonly #output: NodeJS.WriteStream;
  readonly #key: readonly number[] | undefined;
  #live: LiveTable | undefined;
  #held: HeldRow[] | undefined = [];

  constructor(columns: readonly AnswerColumn[], key: readonly number[] | undefined, output: NodeJS.WriteStream) {
    this.#key = key;
    this.#output = output;
    this.#style = styles(output);
    this.#table = new Table(
      columns.map(({ name, type }) => ({ name, type, numeric: NUMERIC.test(type) })),
      this.#style,
      output.isTTY ? output.columns : undefined,
    );
  }

  add(values: readonly JsonValue[], removed: boolean): void {
    const row = { cells: values.map(cellText), removed };
    if (this.#held === undefined) return this.#print(row);
    this.#held.push(row);
    if (this.#held.length >= SAMPLE_ROWS) this.flush();
  }

  flush(): void {
    if (this.#held !== undefined) {
      const held = this.#held;
      this.#held = undefined;
      this.#table.fit(held.map(({ cells }) => cells)).spare();
      this.#output.write(this.#table.header());
      this.#live = this.#key === undefined ? undefined : this.#liveTable();
      for (const row of held) this.#print(row);
    }
    this.#live?.flush();
  }

  #print({ cells, removed }: HeldRow): void {
    if (this.#live !== undefined) this.#live.set(this.#keyOf(cells), removed ? undefined : cells);
    else
      this.#output.write(
        this.#table.row(removed ? cells.map((cell) => (cell === '' ? '' : `${cell} (removed)`)) : cells),
      );
  }

  #keyOf(cells: readonly string[]): string {
    return this.#key!.map((column) => cells[column]).join('\u0000');
  }

  #liveTable(): LiveTable {
    const output = this.#output;
    const live = new LiveTable(this.#table, this.#style, {
      get rows() {
        return output.rows;
      },
      write: (text) => void output.write(text),
    });
    output.on('resize', () => live.forget());
    return live;
  }
}

const NUMERIC = /^(INTEGER|BIGINT|DOUBLE|DECIMAL)/;

function cellText(value: JsonValue): string {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? value : toJson(value);
}
