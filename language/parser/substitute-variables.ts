import { RESERVED_WORDS } from '../text/identifier-text.ts';

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
 * Puts the values of variables into the text of a statement: `${name}` where a name or a literal stands, and inside string
 * literals (ksqlDB's VariableSubstitutor). Values are not substituted again. Names ignore case, as they do on a live server;
 * `variables` has them as {@link variablesByName} gives them.
 *
 * @throws VariableError when a value is neither a name nor a literal, a variable outside a string is not defined, or the text gets too long.
 */
export function substituteVariables(text: string, variables: ReadonlyMap<string, string>): string {
  if (!text.includes('${')) return text;
  let length = text.length;
  const put = (value: string, at: number, end: number): string => {
    length += value.length;
    if (length > MAX_SUBSTITUTED_LENGTH)
      throw new VariableError(
        `With the values of its variables the statement is longer than ${MAX_SUBSTITUTED_LENGTH} characters.`,
        at,
        end,
      );
    return value;
  };
  return text.replace(PIECES, (piece, at: number) => {
    if (piece.startsWith("'"))
      return substituteInString(piece, variables, (value) => put(value, at, at + piece.length));
    if (!piece.startsWith('${')) return piece;
    const value = variables.get(piece.slice(2, -1).toUpperCase()) ?? piece;
    const fits = isBeforeName(text, at)
      ? NAME_OR_TEXT.test(value)
      : LITERAL.test(value) || (IDENTIFIER.test(value) && !RESERVED_WORDS.has(value.toUpperCase()));
    if (fits) return put(value, at, at + piece.length);
    const reason =
      value === piece
        ? `The variable ${piece} is not defined. Define it first: DEFINE ${piece.slice(2, -1)} = 'value';`
        : `Illegal argument: identifier names cannot start with '@' and may only contain alphanumeric values and '_'. Got: '${value}'`;
    throw new VariableError(reason, at, at + piece.length);
  });
}

/** Whether a name is expected at a place of a statement. */
export const isBeforeName = (text: string, at: number): boolean =>
  BEFORE_NAME.test(text.slice(Math.max(0, at - LOOKBACK), at));

/** Variables under their names in upper case, as DEFINE gives them: settings and command lines may write them otherwise. */
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
