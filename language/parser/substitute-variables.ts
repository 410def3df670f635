import { RESERVED_WORDS } from '../text/identifier-text.ts';
import type { TextRange } from '../text/text-range.ts';

/** A variable that cannot stand where it does. Offsets are those of the text before substitution. */
export class VariableError extends Error {
  readonly start: number;
  readonly end: number;

  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

/** The longest text that may come of a statement, in UTF-16 units: a short one can name a long variable very often. */
const MAX_SUBSTITUTED_LENGTH = 4 * 1024 * 1024;

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_@]*)\}/g;
/** Strings and quoted names (doubled quotes inside), comments, and references outside of both. */
const PIECES = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\/\*[\s\S]*?\*\/|\$\{[A-Za-z_][A-Za-z0-9_@]*\}/g;
const IDENTIFIER = /^(?:[A-Za-z_][A-Za-z0-9_@]*|"[A-Za-z_][A-Za-z0-9_@]*"|`[A-Za-z_][A-Za-z0-9_@]*`)$/;
/** Where a name stands a text may stand, too, as in PRINT and TERMINATE. */
const NAME_OR_TEXT = /^(?:[A-Za-z_]\w*@?|"[^"]*"|`[^`]*`|'(?:[^']|'')*')$/;
const QUOTED = /^'(?:[^']|'')*'$/;
/** After these a name is expected, where any word may stand. */
const BEFORE_NAME =
  /\.\s*$|\b(?:FROM|JOIN|INTO|PRINT|TERMINATE|PAUSE|RESUME|DESCRIBE|FUNCTION|STREAM|TABLE|EXISTS|AS|TYPE|CONNECTOR|EXPLAIN)\s+$/i;
/** As much of what stands before as shows whether a name follows. */
const LOOKBACK = 64;
/** Numbers with an exponent, or without a digit on both sides of the point, ksqlDB does not take from a variable. */
const LITERAL = /^(?:'(?:[^']|'')*'|[-+]?\d+(?:\.\d+)?|true|false)$/i;

/**
 * Puts the values of variables into the text of a statement: `${name}` where a name or a literal stands, and inside
 * string literals (ksqlDB's VariableSubstitutor). Values are not substituted again. Names ignore case, as they do on a
 * live server; `variables` has them as {@link variablesByName} gives them.
 *
 * @throws VariableError when a value is neither a name nor a literal, a variable outside a string is not defined, or
 * the text gets too long.
 */
export function substituteVariables(text: string, variables: ReadonlyMap<string, string>): string {
  return substitution(text, variables).text;
}

/** A piece of a text that variables were replaced in: where it stood, and where what has come of it stands. */
export interface Replacement {
  readonly written: TextRange;
  readonly replaced: TextRange;
}

/** As {@link substituteVariables}; tells besides what stands where. */
export function substitution(
  text: string,
  variables: ReadonlyMap<string, string>,
): { readonly text: string; readonly replacements: readonly Replacement[] } {
  if (!text.includes('${')) return { text, replacements: [] };
  let length = text.length;
  const put = (value: string, start: number, end: number): string => {
    length += value.length;
    if (length > MAX_SUBSTITUTED_LENGTH)
      throw new VariableError(
        `With the values of its variables the statement is longer than ${MAX_SUBSTITUTED_LENGTH} characters.`,
        start,
        end,
      );
    return value;
  };
  const replacements: Replacement[] = [];
  let moved = 0;
  const replacedText = text.replace(PIECES, (piece, start: number) => {
    const end = start + piece.length;
    const isText = piece.startsWith("'");
    if (!isText && !piece.startsWith('${')) return piece;
    const value = isText
      ? substituteInString(piece, variables, (inner) => put(inner, start, end))
      : put(variableValue(piece, text, start, variables), start, end);
    replacements.push({
      written: { start, end },
      replaced: { start: start + moved, end: start + moved + value.length },
    });
    moved += value.length - piece.length;
    return value;
  });
  return { text: replacedText, replacements };
}

/** The variables that a text names, in strings and outside, with where their names stand. */
export function variableReferences(text: string): readonly { readonly name: string; readonly range: TextRange }[] {
  if (!text.includes('${')) return [];
  return [...text.matchAll(PIECES)].flatMap(({ 0: piece, index }) => {
    if (!piece.startsWith("'") && !piece.startsWith('${')) return [];
    return [...piece.matchAll(REFERENCE)].map(({ 1: name, index: inner }) => {
      const start = index + inner + 2;
      return { name: name!.toUpperCase(), range: { start, end: start + name!.length } };
    });
  });
}

/** The value of the variable that a reference outside of strings names, if it may stand there. */
function variableValue(reference: string, text: string, start: number, variables: ReadonlyMap<string, string>): string {
  const value = variables.get(reference.slice(2, -1).toUpperCase()) ?? reference;
  const fits = isBeforeName(text, start)
    ? NAME_OR_TEXT.test(value)
    : LITERAL.test(value) || (IDENTIFIER.test(value) && !RESERVED_WORDS.has(value.toUpperCase()));
  if (fits) return value;
  const reason =
    value === reference
      ? `The variable ${reference} is not defined. Define it first: DEFINE ${reference.slice(2, -1)} = 'value';`
      : `Illegal argument: identifier names cannot start with '@' and may only contain alphanumeric values and '_'. Got: '${value}'`;
  throw new VariableError(reason, start, start + reference.length);
}

/** Whether a name is expected at a place of a statement. */
export const isBeforeName = (text: string, at: number): boolean =>
  BEFORE_NAME.test(text.slice(Math.max(0, at - LOOKBACK), at));

/**
 * Variables under their names in upper case, as DEFINE gives them: settings and command lines may write them otherwise.
 */
export function variablesByName(variables: Iterable<readonly [string, string]>): ReadonlyMap<string, string> {
  return new Map(Array.from(variables, ([name, value]) => [name.toUpperCase(), value]));
}

/** Unknown variables stay as they are inside a string, and so do the quotes of values that are quoted themselves. */
function substituteInString(
  literal: string,
  variables: ReadonlyMap<string, string>,
  put: (value: string) => string,
): string {
  return literal.replace(REFERENCE, (reference, name: string) => {
    const value = variables.get(name.toUpperCase());
    if (value === undefined) return reference;
    return put(QUOTED.test(value) ? value : value.replaceAll("'", "''"));
  });
}
