import type { Style } from './style.ts';
import type { Table } from './table.ts';

/** What is known of the terminal that is written to. */
export interface Terminal {
  readonly rows: number;
  write(text: string): void;
}

interface Line {
  readonly at: number;
  readonly cells: readonly string[];
}

/**
 * The rows of a table on a terminal: a row that changes is written over where it stands while it is in sight, and anew
 * at the end when it has scrolled away, so that nothing above the screen is ever lost. Changes are drawn together by
 * `flush`.
 */
export class LiveTable {
  readonly #table: Table;
  readonly #style: Style;
  readonly #terminal: Terminal;
  #lines = new Map<string, Line>();
  readonly #pending = new Map<string, readonly string[] | undefined>();
  /** Rows that the last flush marked as changed. */
  #marked: string[] = [];
  #count = 0;

  constructor(table: Table, style: Style, terminal: Terminal) {
    this.#table = table;
    this.#style = style;
    this.#terminal = terminal;
  }

  /** Takes the newest state of a row in; undefined when it was removed. */
  set(key: string, cells: readonly string[] | undefined): void {
    this.#pending.set(key, cells);
  }

  /** Draws what has changed since the last flush. */
  flush(): void {
    let text = '';
    for (const key of this.#marked) {
      const line = this.#lines.get(key);
      if (line !== undefined && !this.#pending.has(key)) text += this.#over(line, this.#table.row(line.cells));
    }
    this.#marked = [];
    for (const [key, cells] of this.#pending) text += this.#draw(key, cells);
    this.#pending.clear();
    if (text !== '') this.#terminal.write(text);
  }

  /** Forgets where rows stand, because the terminal has laid its lines out anew. */
  forget(): void {
    this.#lines = new Map();
    this.#marked = [];
  }

  #draw(key: string, cells: readonly string[] | undefined): string {
    const line = this.#lines.get(key);
    if (cells === undefined) {
      if (line === undefined) return '';
      this.#lines.delete(key);
      return this.#over(
        line,
        this.#table.row(line.cells, (text) => this.#style.removed(text)),
      );
    }
    if (line === undefined || !this.#inSight(line)) {
      this.#lines.set(key, { at: this.#count++, cells });
      return this.#table.row(cells);
    }
    this.#lines.set(key, { at: line.at, cells });
    this.#marked.push(key);
    return this.#over(
      line,
      this.#table.row(cells, (text, column) => (cells[column] === line.cells[column] ? text : this.#style.green(text))),
    );
  }

  /** The cursor stands below the last line, so one line of the screen shows no row. */
  #inSight(line: Line): boolean {
    return this.#count - line.at < this.#terminal.rows;
  }

  #over(line: Line, text: string): string {
    if (!this.#inSight(line)) return '';
    const up = this.#count - line.at;
    const down = up - 1;
    return `\u001b[${up}A\r\u001b[2K${text}${down > 0 ? `\u001b[${down}B` : ''}`;
  }
}
