import type { CellSpan } from '../../language/notebook/joined-cells.ts';

/**
 * Messages of the language server protocol between cells and the script that they are together. The server knows the
 * script alone; a cell is some of its lines.
 */

/** Where a cell stands in the script of its notebook. */
export interface CellPlace extends CellSpan {
  readonly uri: string;
}

/** The script of a notebook, and its cells in order. */
export interface ScriptPlaces {
  readonly uri: string;
  readonly cells: readonly CellPlace[];
}

interface Position {
  readonly line: number;
  readonly character: number;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isPosition = (value: unknown): value is Position =>
  isFields(value) && typeof value['line'] === 'number' && typeof value['character'] === 'number';
const isRange = (value: unknown): value is { readonly start: Position; readonly end: Position } =>
  isFields(value) && isPosition(value['start']) && isPosition(value['end']);

/** What a cell asks, as its script asks it. */
export function askedOfScript(value: unknown, script: string, cell: CellPlace): unknown {
  if (value === cell.uri) return script;
  if (Array.isArray(value)) return value.map((item) => askedOfScript(item, script, cell));
  if (isPosition(value)) return { ...value, line: value.line + cell.line };
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, askedOfScript(item, script, cell)]));
}

/** Stands for what is in no cell that is asked about. */
const OUTSIDE = Symbol('outside');

/** Without these, what an answer says of a place is not about the cell. */
const PLACES: ReadonlySet<string> = new Set([
  ...['range', 'position', 'selectionRange', 'textEdit', 'location', 'targetRange'],
  ...['changes', 'documentChanges', 'edit'],
]);

/**
 * What the server answers about a script, as it is to be said of its cells. Places that name a document become places
 * of the cell that they are in; others are of the cell that has asked, and what is elsewhere is left out.
 * @param asking the cell that has asked; undefined where another document has
 */
export function answeredForCells(answer: unknown, places: ScriptPlaces, asking: CellPlace | undefined): unknown {
  const mapped = new AnswerMapper(places, asking).map(answer, asking);
  return mapped === OUTSIDE ? null : mapped;
}

class AnswerMapper {
  readonly #places: ScriptPlaces;
  readonly #asking: CellPlace | undefined;

  constructor(places: ScriptPlaces, asking: CellPlace | undefined) {
    this.#places = places;
    this.#asking = asking;
  }

  /** @param cell the one that places without a document are in */
  map(value: unknown, cell: CellPlace | undefined): unknown {
    if (Array.isArray(value)) return value.map((item) => this.map(item, cell)).filter((item) => item !== OUTSIDE);
    if (isRange(value)) return cell === undefined ? value : shiftedRange(value, cell);
    if (isPosition(value)) return cell === undefined ? value : shifted(value, cell);
    if (!isFields(value)) return value;
    if (typeof value['startLine'] === 'number') return cell === undefined ? value : shiftedLines(value, cell);
    const document = documentOf(value);
    if (document === undefined) return this.#fields(value, cell);
    if (document !== this.#places.uri) return value;
    const named = this.#cellNamedBy(value);
    return named === undefined ? OUTSIDE : this.#fields(value, named);
  }

  #fields(value: Fields, cell: CellPlace | undefined): unknown {
    const fields: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      const mapped = key === 'fromRanges' ? this.#fromRanges(value, cell) : this.#field(key, item, cell);
      if (mapped !== OUTSIDE) fields[key] = mapped;
      else if (PLACES.has(key)) return OUTSIDE;
    }
    return fields;
  }

  /** The places of calls are in the document of the caller, where that is named. */
  #fromRanges({ from, fromRanges }: Fields, cell: CellPlace | undefined): unknown {
    if (!isFields(from)) return this.map(fromRanges, cell);
    return documentOf(from) === this.#places.uri ? this.map(fromRanges, this.#cellNamedBy(from)) : fromRanges;
  }

  #field(key: string, value: unknown, cell: CellPlace | undefined): unknown {
    if (value === this.#places.uri) return cell?.uri ?? value;
    if (key === 'start' && typeof value === 'number') return value - (cell?.offset ?? 0);
    if (key === 'originSelectionRange') return this.map(value, this.#asking);
    if (key === 'changes' && isFields(value)) return this.#changes(value);
    if (key === 'documentChanges' && Array.isArray(value)) return this.#documentChanges(value);
    return this.map(value, cell);
  }

  #changes(changes: Fields): Fields | typeof OUTSIDE {
    const { [this.#places.uri]: own, ...others } = changes;
    if (own === undefined) return changes;
    const byCell = this.#editsByCell(own);
    if (byCell === undefined) return OUTSIDE;
    return { ...others, ...Object.fromEntries(byCell.map(([{ uri }, edits]) => [uri, edits])) };
  }

  #documentChanges(changes: readonly unknown[]): readonly unknown[] | typeof OUTSIDE {
    const mapped = changes.map((change) => {
      if (!isFields(change) || documentOf(change) !== this.#places.uri) return [change];
      // Cells count their versions by themselves.
      return this.#editsByCell(change['edits'])?.map(([{ uri }, edits]) => ({
        textDocument: { uri, version: null },
        edits,
      }));
    });
    return mapped.includes(undefined) ? OUTSIDE : mapped.flatMap((change) => change ?? []);
  }

  /** The edits of a script by their cells; undefined where one is in no cell: a part of a change is none. */
  #editsByCell(edits: unknown): readonly (readonly [CellPlace, readonly unknown[]])[] | undefined {
    const all = edits as readonly unknown[];
    const byCell = this.#places.cells.flatMap((cell) => {
      const own = this.map(all, cell) as readonly unknown[];
      return own.length === 0 ? [] : [[cell, own] as const];
    });
    return byCell.reduce((sum, [, own]) => sum + own.length, 0) === all.length ? byCell : undefined;
  }

  #cellNamedBy(value: Fields): CellPlace | undefined {
    const { cells } = this.#places;
    if (typeof value['start'] === 'number') {
      const offset = value['start'];
      return cells.findLast((cell) => cell.offset <= offset);
    }
    const range = value['targetSelectionRange'] ?? value['range'];
    const position = isRange(range) ? range.start : value['position'];
    return isPosition(position) ? cells.find((cell) => isIn(position.line, cell)) : this.#asking;
  }
}

function documentOf(value: Fields): string | undefined {
  const textDocument = value['textDocument'];
  const uri = value['uri'] ?? value['targetUri'] ?? (isFields(textDocument) ? textDocument['uri'] : undefined);
  return typeof uri === 'string' ? uri : undefined;
}

const isIn = (line: number, cell: CellPlace): boolean => line >= cell.line && line < cell.line + cell.lineCount;

const shifted = (position: Position, cell: CellPlace): unknown =>
  isIn(position.line, cell) ? { ...position, line: position.line - cell.line } : OUTSIDE;

function shiftedRange({ start, end }: { readonly start: Position; readonly end: Position }, cell: CellPlace): unknown {
  const range = { start: shifted(start, cell), end: shifted(end, cell) };
  return range.start === OUTSIDE || range.end === OUTSIDE ? OUTSIDE : range;
}

function shiftedLines(value: Fields, cell: CellPlace): unknown {
  const [start, end] = [value['startLine'] as number, value['endLine'] as number];
  if (!isIn(start, cell) || !isIn(end, cell)) return OUTSIDE;
  return { ...value, startLine: start - cell.line, endLine: end - cell.line };
}

/** The numbers of semantic tokens (five for each, the first two relative to the token before) that are a cell's. */
export function tokensOfCell(data: readonly number[], cell: CellPlace): number[] {
  const own: number[] = [];
  let [line, column, lastLine, lastColumn] = [0, 0, cell.line, 0];
  for (let i = 0; i < data.length; i += 5) {
    const [lines, columns] = [data[i]!, data[i + 1]!];
    line += lines;
    column = lines === 0 ? column + columns : columns;
    if (!isIn(line, cell)) continue;
    own.push(
      line - lastLine,
      line === lastLine ? column - lastColumn : column,
      data[i + 2]!,
      data[i + 3]!,
      data[i + 4]!,
    );
    [lastLine, lastColumn] = [line, column];
  }
  return own;
}
