import { parseRowJson } from './exact-json.ts';
import { toJson } from './json-row.ts';
import type { ErrorBody, JsonValue, RowRecord, StreamedRow } from './protocol.ts';

type RowElement = Extract<StreamedRow, { row: unknown }>;
type HeaderElement = Extract<StreamedRow, { header: unknown }>;

/** What comes in an answer to a query: its header first, then rows, and at last how it ended. */
export type AnswerElement =
  | AnswerRow
  | { readonly kind: 'header'; readonly header: HeaderElement['header'] }
  | { readonly kind: 'error'; readonly error: ErrorBody }
  | { readonly kind: 'end'; readonly message: string };

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const COMMA = 44;
const OPENING_BRACKET = 91;
const CLOSING_BRACKET = 93;
const CLOSING_BRACE = 125;
/** What every row begins with, from our engine and from ksqlDB. What has another layout is read at once instead. */
const ROW_START = Buffer.from('{"row":{');

/** What is in a row. */
export interface RowContent {
  /** Numbers that a double does not hold, or would print otherwise, are as `parseRowJson` gives them. */
  readonly values: readonly JsonValue[];
  /** Whether the row takes back the one that its key had. */
  readonly tombstone: boolean;
  /** The record whose processing gave the row, where it was asked for and the server tells. */
  readonly record?: RowRecord;
}

/**
 * A row as it came: bytes of JSON, which are read when one asks what is in them. Who keeps a row for long copies its
 * bytes, because they are a part of all that arrived together with it.
 */
export class AnswerRow {
  readonly kind = 'row';
  /** Holds the JSON of the element from `start` to `end`, without line breaks. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  #content: RowContent | undefined;

  constructor(bytes: Buffer, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  /** A row that no server sent. */
  static of(values: readonly unknown[], tombstone = false, record?: RowRecord): AnswerRow {
    const row = { columns: values, ...(tombstone ? { tombstone } : {}) };
    return new AnswerRow(Buffer.from(toJson(record === undefined ? { row } : { row, record })));
  }

  get json(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }

  /** What is in it, read once. @throws SyntaxError when it is no JSON */
  get content(): RowContent {
    this.#content ??= rowContent(this.json);
    return this.#content;
  }
}

/** What is in the JSON of a row. @throws SyntaxError when it is none */
export function rowContent(json: string): RowContent {
  const { row, record } = parseRowJson(json) as RowElement;
  const content = { values: row.columns ?? [], tombstone: row.tombstone === true };
  return record === undefined ? content : { ...content, record };
}

/**
 * The elements of an array of which each stands on a line of its own, as they arrive. A server may hold the comma and
 * the line's end back until the next element comes, so an element that is complete without them is taken at once. Rows
 * are not read, and no bytes are copied but of those lines that came in several pieces.
 *
 * @throws SyntaxError when an element that is no row is no JSON, or the last one is not complete
 */
export async function* answerElements(pieces: AsyncIterable<Buffer>): AsyncGenerator<readonly AnswerElement[]> {
  /** The pieces of a line whose end has not come. */
  let begun: Buffer[] = [];
  for await (const piece of pieces) {
    const elements: AnswerElement[] = [];
    let start = 0;
    for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, start)) {
      const isWhole = begun.length === 0;
      const element = isWhole ? elementOf(piece, start, end) : joined([...begun, piece.subarray(0, end)]);
      if (element !== undefined) elements.push(element);
      if (!isWhole) begun = [];
      start = end + 1;
    }
    if (start < piece.length) begun.push(piece.subarray(start));
    const last = piece.at(-1) === CLOSING_BRACE ? completeElement(begun) : undefined;
    if (last !== undefined) {
      elements.push(last);
      begun = [];
    }
    if (elements.length > 0) yield elements;
  }
  const last = joined(begun);
  if (last !== undefined) yield [read(last)];
}

function joined(pieces: readonly Buffer[]): AnswerElement | undefined {
  const line = Buffer.concat(pieces);
  return elementOf(line, 0, line.length);
}

/** The element that some pieces are; undefined where more has to come. */
function completeElement(pieces: readonly Buffer[]): AnswerElement | undefined {
  try {
    const element = joined(pieces);
    return element && read(element);
  } catch {
    return undefined;
  }
}

/** An element, when it is one. @throws SyntaxError when a row is no JSON */
function read(element: AnswerElement): AnswerElement {
  if (element.kind === 'row') rowContent(element.json);
  return element;
}

/** One line of the array: its opening bracket, separators and closing bracket are looked past. */
function elementOf(bytes: Buffer, lineStart: number, lineEnd: number): AnswerElement | undefined {
  let [start, end] = [lineStart, lineEnd];
  while (start < end && (isBlankOrComma(bytes[start]!) || bytes[start] === OPENING_BRACKET)) start++;
  while (start < end && (isBlankOrComma(bytes[end - 1]!) || bytes[end - 1] === CLOSING_BRACKET)) end--;
  if (start === end) return undefined;
  if (isRow(bytes, start)) return new AnswerRow(bytes, start, end);
  const element = parseRowJson(bytes.toString('utf8', start, end)) as StreamedRow;
  if ('row' in element) return new AnswerRow(bytes, start, end);
  if ('header' in element) return { kind: 'header', header: element.header };
  if ('errorMessage' in element) return { kind: 'error', error: element.errorMessage };
  if ('finalMessage' in element) return { kind: 'end', message: element.finalMessage };
  return undefined;
}

const isBlankOrComma = (byte: number): boolean =>
  byte === COMMA || byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN;

function isRow(bytes: Buffer, start: number): boolean {
  for (let i = 0; i < ROW_START.length; i++) if (bytes[start + i] !== ROW_START[i]) return false;
  return true;
}
