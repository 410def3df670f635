import { type NamedColumn, nameKey } from '../../language/names/name.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import { scriptsNaming } from './mentions.ts';
import { type PlacedName, type PlacedOutput, placedNames, placedOutputs } from './names.ts';
import type { Script } from './script-store.ts';

/** Columns are followed through so many statements at most: a script can be wrong in a circle. */
const MOST_STEPS = 100;

/** What a script makes, by the keys of its names. */
interface Definitions {
  readonly names: ReadonlyMap<string, PlacedName>;
  readonly outputs: ReadonlyMap<string, PlacedOutput>;
}

const known = new WeakMap<Script, Definitions>();

function definitionsIn(script: Script): Definitions {
  const remembered = known.get(script);
  if (remembered !== undefined) return remembered;
  const names = new Map<string, PlacedName>();
  const outputs = new Map<string, PlacedOutput>();
  for (const placed of placedNames(script))
    if (placed.use.defines && !names.has(placed.key)) names.set(placed.key, placed);
  for (const placed of placedOutputs(script))
    if (placed.output.defines && !outputs.has(placed.key)) outputs.set(placed.key, placed);
  const definitions = { names, outputs };
  known.set(script, definitions);
  return definitions;
}

/** Where a source comes to be, in a script or in another file that it can use. */
export function placeOfSource(script: Script, name: string): PlacedName | undefined {
  const named = { kind: 'source', name } as const;
  const key = nameKey(named);
  const own = definitionsIn(script).names.get(key);
  if (own !== undefined) return own;
  for (const each of scriptsNaming(named, script)) {
    const placed = definitionsIn(each).names.get(key);
    if (placed !== undefined) return placed;
  }
  return undefined;
}

/** What the comment directly above the statement that makes a source says of it. */
export function sourceDescription(script: Script, name: string): string | undefined {
  const placed = placeOfSource(script, name);
  return placed && commentAbove(placed.script.parsed.text, placed.statement.range.start);
}

/**
 * What the comments at the declaration of a column say of it: those directly above, or the one behind it on its line. A
 * column that a query only hands on is described where it comes from.
 */
export function columnDescription(script: Script, column: NamedColumn, steps = MOST_STEPS): string | undefined {
  const key = nameKey(column);
  const maker = placeOfSource(script, column.source)?.script;
  const placed = maker && definitionsIn(maker).outputs.get(key);
  if (maker !== undefined && placed !== undefined) {
    const { output, range } = placed;
    const described = output.by === 'star' ? undefined : commentAt(maker.parsed.text, range);
    return described ?? (output.from && steps > 0 ? columnDescription(maker, output.from, steps - 1) : undefined);
  }
  // What ALTER adds may stand in another file than the source.
  for (const each of [...(maker === undefined ? [] : [maker]), ...scriptsNaming(column, script)]) {
    const declared = definitionsIn(each).names.get(key);
    if (declared !== undefined) return commentAt(each.parsed.text, declared.range);
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
