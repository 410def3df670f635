import type { Style } from './style.ts';

/** A column of a printed table. `type` is printed below the name. */
export interface TableColumn {
  readonly name: string;
  readonly type?: string;
  readonly numeric?: boolean;
}

type Paint = (text: string, column: number) => string;

const GAP = '  ';
const NARROWEST = 4;
const ROOMY_TEXT = 20;
const ROOMY_NUMBER = 8;

/**
 * Lays rows of text out under their headers. Columns are as wide as their content while that fits the terminal; where
 * it does not, the widest give way first and long content is cut, never wrapped.
 */
export class Table {
  readonly #columns: readonly TableColumn[];
  readonly #style: Style;
  readonly #width: number;
  #widths: number[];

  constructor(columns: readonly TableColumn[], style: Style, terminalWidth = Number.POSITIVE_INFINITY) {
    this.#columns = columns;
    this.#style = style;
    this.#width = terminalWidth;
    this.#widths = columns.map((column) => Math.max(displayWidth(column.name), displayWidth(column.type ?? '')));
  }

  /** Widens the columns for these rows, as far as the terminal allows. */
  fit(rows: readonly (readonly string[])[]): this {
    const widths = this.#widths.map((width, i) =>
      rows.reduce((widest, row) => Math.max(widest, displayWidth(row[i] ?? '')), width),
    );
    this.#widths = shrink(widths, this.#available);
    return this;
  }

  /** Gives columns more room than the rows so far need, for rows to come; only where a terminal has it to spare. */
  spare(): this {
    if (this.#width === Number.POSITIVE_INFINITY) return this;
    const widths = this.#widths.map((width, i) =>
      Math.max(width, this.#columns[i]!.numeric ? ROOMY_NUMBER : ROOMY_TEXT),
    );
    if (widths.reduce((sum, width) => sum + width, 0) <= this.#available) this.#widths = widths;
    return this;
  }

  get #available(): number {
    return this.#width - GAP.length * (this.#columns.length - 1);
  }

  /** The names, the types in dim below them, and a rule. */
  header(): string {
    const names = this.#line(
      this.#columns.map((column) => column.name),
      this.#style.bold,
    );
    const types = this.#columns.some((column) => column.type)
      ? `${this.#line(
          this.#columns.map((column) => column.type ?? ''),
          this.#style.dim,
        )}\n`
      : '';
    const rule = this.#style.dim(this.#widths.map((width) => '─'.repeat(width)).join(GAP));
    return `${names}\n${types}${rule}\n`;
  }

  /** @param paint gives a cell's text its colour; the text is cut already */
  row(cells: readonly string[], paint: Paint = (text) => text): string {
    return `${this.#line(cells, paint)}\n`;
  }

  #line(cells: readonly string[], paint: Paint): string {
    const last = this.#columns.length - 1;
    return this.#columns
      .map((column, i) => {
        const text = cut(oneLine(cells[i] ?? ''), this.#widths[i]!);
        const padding = ' '.repeat(Math.max(0, this.#widths[i]! - displayWidth(text)));
        if (column.numeric) return padding + paint(text, i);
        return i === last ? paint(text, i) : paint(text, i) + padding;
      })
      .join(GAP);
  }
}

/** A whole table at once. */
export function printTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  style: Style,
  terminalWidth?: number,
): string {
  const table = new Table(columns, style, terminalWidth).fit(rows);
  return table.header() + rows.map((row) => table.row(row)).join('');
}

/** Takes width from the widest columns until the sum fits. */
function shrink(wanted: readonly number[], available: number): number[] {
  const widths = [...wanted];
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  while (excess > 0) {
    const widest = widths.reduce((best, width, i) => (width > widths[best]! ? i : best), 0);
    if (widths[widest]! <= NARROWEST) break;
    widths[widest]!--;
    excess--;
  }
  return widths;
}

// Control characters would move the cursor, so they are shown as the symbols Unicode has for them.
const oneLine = (text: string) =>
  text.replace(/[\u0000-\u001f]/g, (c) => String.fromCodePoint(0x2400 + c.charCodeAt(0)));

function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const next = characterWidth(character.codePointAt(0)!);
    if (used + next > width - 1) break;
    kept += character;
    used += next;
  }
  return `${kept}…`;
}

/** How many cells of a terminal a text takes: East Asian wide characters and emoji take two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character.codePointAt(0)!);
  return width;
}

function characterWidth(code: number): number {
  if (code < 0x300) return 1;
  if ((code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) || (code >= 0xfe00 && code <= 0xfe0f))
    return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}
