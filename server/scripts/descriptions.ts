import { type NamedColumn, nameKey } from '../../language/names/name.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import { scriptsNaming } from './mentions.ts';
import { type PlacedName, placedNames, placedOutputs } from './names.ts';
import type { Script } from './script-store.ts';

/** Columns are followed through so many statements at most: a script can be wrong in a circle. */
const MOST_STEPS = 100;

/** Where a source comes to be, in a script or another file of its project. */
export function placeOfSource(script: Script, name: string): PlacedName | undefined {
  const named = { kind: 'source', name } as const;
  const key = nameKey(named);
  for (const each of scriptsNaming(named, script))
    for (const placed of placedNames(each)) if (placed.use.defines && placed.key === key) return placed;
  return undefined;
}

/** What the comment directly above the statement that makes a source says of it. */
export function sourceDescription(script: Script, name: string): string | undefined {
  const place = placeOfSource(script, name);
  return place && commentAbove(place.script.parsed.text, place.statement.range.start);
}

/**
 * What the comments at the declaration of a column say of it: those directly above, or the one behind it on its line. A
 * column that a query only hands on is described where it comes from.
 */
export function columnDescription(script: Script, column: NamedColumn, steps = MOST_STEPS): string | undefined {
  const key = nameKey(column);
  for (const each of scriptsNaming(column, script)) {
    const { text } = each.parsed;
    for (const { output, key: own, range } of placedOutputs(each)) {
      if (own !== key || !output.defines) continue;
      const described = output.by === 'star' ? undefined : commentAt(text, range);
      return described ?? (output.from && steps > 0 ? columnDescription(each, output.from, steps - 1) : undefined);
    }
    for (const { use, key: own, range } of placedNames(each))
      if (use.defines && own === key) return commentAt(text, range);
  }
  return undefined;
}

const commentAt = (text: string, { start, end }: TextRange): string | undefined =>
  commentBehind(text, end) ?? commentAbove(text, start);

/** Comments that are for programs: of tests, or of what is not to be reported. */
const DIRECTIVE = /^\s*--\s*(?:@|ksql-ignore\b|#?(?:end)?region\b)/;

/**
 * The comment lines, or the block, that end on the line before an offset, if nothing else stands on its own line before
 * it.
 */
function commentAbove(text: string, offset: number): string | undefined {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  if (text.slice(lineStart, offset).trim() !== '') return undefined;
  const before = text.slice(0, lineStart);
  const block = /(?:^|\n)[ \t]*\/\*(?<body>(?:(?!\*\/)[\s\S])*)\*\/[ \t]*\n$/.exec(before)?.groups?.['body'];
  if (block !== undefined) return worded(block.split('\n').map((line) => line.replace(/^\s*\*+/, '')));
  const lines: string[] = [];
  for (const line of before.split('\n').slice(0, -1).reverse()) {
    if (!/^\s*--/.test(line)) break;
    if (!DIRECTIVE.test(line)) lines.unshift(line.replace(/^\s*--+/, ''));
  }
  return worded(lines);
}

/** The comment at the end of the line on which something ends, behind it and a comma. */
function commentBehind(text: string, offset: number): string | undefined {
  const lineEnd = text.indexOf('\n', offset);
  const rest = text.slice(offset, lineEnd < 0 ? text.length : lineEnd);
  const comment = /^(?:[^'"`,-]|-(?!-)|\([^)]*\)|<[^>]*>|'[^']*')*,?\s*--(?<body>.*)$/.exec(rest)?.groups?.['body'];
  return comment === undefined ? undefined : worded([comment]);
}

function worded(lines: readonly string[]): string | undefined {
  const text = lines
    .map((line) => line.trim())
    .join('\n')
    .trim();
  return text === '' ? undefined : text;
}
