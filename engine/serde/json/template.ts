import { generate } from '../../compile/generate.ts';
import { copyBytes } from '../encoding/bytes.ts';
import type { FieldTable } from './field-table.ts';
import { passDecimal, passInteger, passText } from './pass.ts';
import { JsonSkipper } from './skipper.ts';

/** How a column's value is looked at while its token is looked for. */
export const CHECK = { any: 0, text: 1, integer: 2, number: 3, boolean: 4, wholly: 5 } as const;

/**
 * The form of a document: what stands between its values, byte for byte, and which column each value is of. A producer
 * writes record after record of one form.
 */
export interface Template {
  /** One more than there are values. */
  readonly segments: readonly Uint8Array[];
  /** -1 for a field that no column has. */
  readonly columns: readonly number[];
}

/** Documents with more than that are no matter of one function. */
const MAX_FIELDS = 64;
const MAX_SEGMENT_BYTES = 256;

/** Finds the form of documents. */
export class TemplateReader extends JsonSkipper {
  /** The form of an object that is known to be right; undefined for one that is empty, or too long. */
  read(bytes: Uint8Array, start: number, end: number, table: FieldTable): Template | undefined {
    this.open(bytes, start, end);
    const segments: Uint8Array[] = [];
    const columns: number[] = [];
    this.next();
    this.position++;
    for (let from = start; ; ) {
      if (this.next() !== 0x22) return undefined;
      const name = table.find(bytes, this.position + 1, end, columns.length);
      this.skipString();
      this.next();
      this.position++;
      const first = this.next();
      segments.push(copyBytes(bytes, from, this.position));
      columns.push(name?.column ?? -1);
      this.skipValue(first);
      from = this.position;
      const separator = this.next();
      this.position++;
      if (separator !== 0x7d) continue;
      segments.push(copyBytes(bytes, from, this.position));
      const isLong = columns.length > MAX_FIELDS || segments.some(({ length }) => length > MAX_SEGMENT_BYTES);
      return isLong ? undefined : { segments, columns };
    }
  }
}

/** Where tokens go that were found. */
export interface FoundTokens {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** By column: 0 for a text without escapes and of ASCII alone. */
  readonly texts: Uint8Array;
  /** By column: {@link CHECK}. */
  readonly checks: Uint8Array;
  /** Passes any value of a column, and notes its token. @returns the place behind it, -1 to give up */
  readonly value: (column: number, bytes: Uint8Array, start: number, end: number) => number;
}

/** Finds the tokens of a document of one form. False: it is of another, or to be given up. */
export type FindByTemplate = (bytes: Uint8Array, view: DataView, start: number, end: number) => boolean;

/**
 * Makes the function that finds the tokens of documents of a form: names are not looked up but compared, four bytes at
 * a time, and each value is passed by what its column needs. Of `{"A":1}` with an integer A this is
 *
 *     return (b, v, start, end) => {
 *       let p = start, q = 0;
 *       if (end - p < 5 || v.getInt32(p + 0, true) !== w[0] || b[p + 4] !== w[1]) return false;
 *       p += 5;
 *       q = f0(b, p, end);
 *       if (q >= 0) { starts[0] = p; ends[0] = q; } else if ((q = value(0, b, p, end)) < 0) return false;
 *       p = q;
 *       if (end - p < 1 || b[p + 0] !== w[2]) return false;
 *       return true;
 *     };
 *
 * What the names are is in `w`, never in the code.
 */
export function compileTemplate({ segments, columns }: Template, tokens: FoundTokens): FindByTemplate {
  const words: number[] = [];
  const code = ['let p = start, q = 0;', segmentCode(segments[0]!, words), `p += ${segments[0]!.length};`];
  columns.forEach((column, i) => {
    const segment = segments[i + 1]!;
    code.push(valueCode(column, tokens.checks[column]), 'p = q;', segmentCode(segment, words));
    if (i + 1 < columns.length) code.push(`p += ${segment.length};`);
  });
  const source = `const [w, starts, ends, texts] = k; const [f0, f1, f2, value] = f;
    return (b, v, start, end) => { ${code.join('\n')} return true; };`;
  const constants = [Int32Array.from(words), tokens.starts, tokens.ends, tokens.texts];
  return generate(source, constants, [passInteger, passText, passDecimal, tokens.value]);
}

/** Compares what stands between two values. */
function segmentCode(segment: Uint8Array, words: number[]): string {
  const { length } = segment;
  const view = new DataView(segment.buffer, segment.byteOffset, length);
  const tests = [`end - p < ${length}`];
  let at = 0;
  for (; at + 4 <= length; at += 4)
    tests.push(`v.getInt32(p + ${at}, true) !== w[${words.push(view.getInt32(at, true)) - 1}]`);
  // The last word may overlap the one before.
  if (at < length && length > 4)
    tests.push(`v.getInt32(p + ${length - 4}, true) !== w[${words.push(view.getInt32(length - 4, true)) - 1}]`);
  else for (; at < length; at++) tests.push(`b[p + ${at}] !== w[${words.push(segment[at]!) - 1}]`);
  return `if (${tests.join(' || ')}) return false;`;
}

/** Passes a value: the quick way for what is usual, and any other way where that gives up. */
function valueCode(column: number, check: number | undefined): string {
  const otherwise = `if ((q = value(${column}, b, p, end)) < 0) return false;`;
  const noted = `starts[${column}] = p; ends[${column}] = q;`;
  switch (check) {
    case CHECK.text:
      return `q = f1(b, p, end); if (q >= 0) { ${noted} texts[${column}] = 0; } else ${otherwise}`;
    case CHECK.integer:
      return `q = f0(b, p, end); if (q >= 0) { ${noted} } else ${otherwise}`;
    case CHECK.number:
      return `q = f2(b, p, end); if (q >= 0) { ${noted} } else ${otherwise}`;
    case undefined:
    case CHECK.any:
      return `q = f1(b, p, end); if (q < 0) ${otherwise}`;
    default:
      return otherwise;
  }
}
