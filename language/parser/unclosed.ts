import { fixedText, type Parses, replacement, type SyntaxDiagnostic, syntaxError } from './syntax-diagnostic.ts';

const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|--[^\n]*|\/\*[\s\S]*?\*\//g;
const NAMES: Readonly<Record<string, string>> = { "'": 'string', '"': 'quoted name', '`': 'quoted name' };

/** A string, quoted name or comment that does not end. */
export function findUnclosed(text: string, parses: Parses): SyntaxDiagnostic | undefined {
  const rest = text.replace(QUOTED, (piece) => ' '.repeat(piece.length));
  const comment = rest.indexOf('/*');
  const open = rest.search(/['"`]/);
  if (comment >= 0 && (open < 0 || comment < open))
    return syntaxError('syntax-unclosed-comment', 'This comment is not closed: */ is missing.', comment, comment + 2, [
      replacement('Close the comment', text.length, text.length, ' */'),
    ]);
  if (open < 0) return undefined;
  const quote = rest[open]!;
  return apostrophe(text, open, quote, parses) ?? unclosedQuote(text, open, quote, parses);
}

/** `'it's'`: the quote in the middle was to be part of the text. */
function apostrophe(text: string, open: number, quote: string, parses: Parses): SyntaxDiagnostic | undefined {
  const inner = [...text.slice(0, open).matchAll(/(?<=\w)['"`](?=\w)/g)].findLast(([found]) => found === quote);
  if (inner === undefined) return undefined;
  const fix = replacement(`Write ${quote}${quote}`, inner.index, inner.index + 1, quote + quote);
  if (!parses(fixedText(text, fix))) return undefined;
  const message = `This ${quote} ends the ${NAMES[quote]}; inside one it is written twice: ${quote}${quote}.`;
  return syntaxError('syntax-unclosed-quote', message, inner.index, inner.index + 1, [fix]);
}

/** More closing places than this are not tried. */
const MOST_TRIALS = 40;

/** The quick fix closes it where the statement makes sense then, or else at the end of the line. */
function unclosedQuote(text: string, open: number, quote: string, parses: Parses): SyntaxDiagnostic {
  const lineEnd = text.indexOf('\n', open);
  const end = lineEnd < 0 ? text.trimEnd().replace(/;$/, '').length : lineEnd;
  const close = (at: number) => replacement(`Close it with ${quote}`, at, at, quote);
  const places = [...text.slice(0, end).matchAll(/(?<=[^\s'"`])(?=[\s);,]|$)/g)]
    .map(({ index }) => index)
    .filter((at) => at > open)
    .slice(0, MOST_TRIALS);
  const place = places.find((at) => parses(fixedText(text, close(at)))) ?? end;
  const message = `This ${NAMES[quote]} is not closed: ${quote} is missing.`;
  return syntaxError('syntax-unclosed-quote', message, open, end, [close(place)]);
}
