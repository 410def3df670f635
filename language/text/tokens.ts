/** A token of KSQL text as far as completion and signature help need it. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'text' | 'number' | 'symbol';
  /** Words in upper case, quoted names without their quotes, texts without theirs, symbols as they are. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** The closing quote is missing. */
  readonly open?: boolean;
}

const TOKEN =
  /(?<blank>\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<text>'(?:[^']|'')*('|$))|(?<quoted>`(?:[^`]|``)*(?:`|$)|"(?:[^"]|"")*(?:"|$))|(?<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)|(?<word>[A-Za-z_][\w@]*)|(?<symbol>->|=>|:=|<>|!=|<=|>=|\|\||[\s\S])/y;

/** Cuts text into tokens, comments and blanks left out. It never fails: an unclosed text or name ends with the text. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const start = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) break;
    const end = TOKEN.lastIndex;
    const place = { start, end };
    if (groups['word'] !== undefined) tokens.push({ kind: 'word', value: groups['word'].toUpperCase(), ...place });
    else if (groups['number'] !== undefined) tokens.push({ kind: 'number', value: groups['number'], ...place });
    else if (groups['symbol'] !== undefined) tokens.push({ kind: 'symbol', value: groups['symbol'], ...place });
    else if (groups['text'] !== undefined) tokens.push(quoted('text', groups['text'], place));
    else if (groups['quoted'] !== undefined) tokens.push(quoted('quoted', groups['quoted'], place));
  }
  return tokens;
}

function quoted(kind: 'text' | 'quoted', raw: string, place: { start: number; end: number }): Token {
  const quote = raw[0]!;
  const closed = raw.length > 1 && raw.endsWith(quote);
  const value = raw.slice(1, closed ? -1 : undefined).replaceAll(quote + quote, quote);
  return { kind, value, ...place, ...(closed ? {} : { open: true }) };
}

/** Whether an offset lies inside a comment. */
export function inComment(text: string, offset: number): boolean {
  const before = text.slice(0, offset);
  const open = before.lastIndexOf('/*');
  if (open >= 0 && before.indexOf('*/', open) < 0) return true;
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return /^(?:[^'`"]|'[^']*'|`[^`]*`|"[^"]*")*?--/.test(line);
}

/** A comment, with its marks. */
export interface PlacedComment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Texts and quoted names, which may hold what looks like a comment, and comments. */
const PIECES = /'(?:[^']|'')*'|`(?:[^`]|``)*`|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g;

/** The comments of a text, in their order. */
export const commentsIn = (text: string): readonly PlacedComment[] =>
  [...text.matchAll(PIECES)].flatMap(({ 0: piece, index: start }) =>
    /^(?:--|\/\*)/.test(piece) ? [{ text: piece, start, end: start + piece.length }] : [],
  );
