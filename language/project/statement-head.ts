import type { StatementSlice } from '../parser/split-statements.ts';
import type { TextRange } from '../text/text-range.ts';
import { tokenize } from '../text/tokens.ts';

/** What statements of other files can see of one: which source or type it makes, changes or drops. */
export interface StatementHead {
  /** Of the statement in its file. */
  readonly index: number;
  readonly kind: 'source' | 'type';
  readonly name: string;
  /** `again`: it may be there already, because of OR REPLACE or IF NOT EXISTS. `change`: ALTER or DROP. */
  readonly effect: 'make' | 'again' | 'change';
  readonly orReplace: boolean;
  /** Of the name, in the file. */
  readonly range: TextRange;
}

/** Most heads are shorter; where one is not, the whole statement is looked at. */
const HEAD_LENGTH = 200;
/** Connectors and the settings of a server are no business of other files. */
const MAKES_OR_CHANGES = /(?:CREATE|DROP|ALTER)\b(?!\s+(?:(?:SOURCE|SINK)\s+)?(?:CONNECTOR|SYSTEM)\b)/iy;
const SESSION = /^(?:SET|UNSET|DEFINE|UNDEFINE)\b/i;

/** Whether a statement may change the session of those behind it. */
export const changesSession = (statement: string): boolean => SESSION.test(statement);

/** Heads as nearly all are written: without comments between their words, and a name without quotes. */
const PLAIN_HEAD =
  /(?<verb>CREATE|DROP|ALTER)\s+(?<replace>OR\s+REPLACE\s+)?(?:SOURCE\s+)?(?<kind>STREAM|TABLE|TYPE)\s+(?<free>IF\s+NOT\s+EXISTS\s+)?(?:IF\s+EXISTS\s+)?(?<name>[A-Za-z_][\w@]*)(?=[\s(;])/iy;

/** The head of a statement that makes, changes or drops a source or a type. Only its first words are looked at. */
export function statementHead(text: string, slice: StatementSlice, index: number): StatementHead | undefined {
  MAKES_OR_CHANGES.lastIndex = slice.start;
  if (!MAKES_OR_CHANGES.test(text)) return undefined;
  const plain = plainHead(text, slice, index);
  if (plain !== undefined) return plain;
  const short = text.slice(slice.start, Math.min(slice.end, slice.start + HEAD_LENGTH));
  return readHead(short, slice, index) ?? readHead(text.slice(slice.start, slice.end), slice, index);
}

function plainHead(text: string, slice: StatementSlice, index: number): StatementHead | undefined {
  PLAIN_HEAD.lastIndex = slice.start;
  const found = PLAIN_HEAD.exec(text)?.groups as Readonly<Record<string, string>> | undefined;
  if (found === undefined || /^(?:IF|SOURCE)$/i.test(found['name']!)) return undefined;
  const end = PLAIN_HEAD.lastIndex;
  const { verb, replace, kind, free, name } = found;
  const again = replace !== undefined || free !== undefined;
  return {
    index,
    kind: kind!.toUpperCase() === 'TYPE' ? 'type' : 'source',
    name: name!.toUpperCase(),
    effect: verb!.toUpperCase() !== 'CREATE' ? 'change' : again ? 'again' : 'make',
    orReplace: replace !== undefined,
    range: { start: end - name!.length, end },
  };
}

function readHead(statement: string, slice: StatementSlice, index: number): StatementHead | undefined {
  const tokens = tokenize(statement);
  let at = 1;
  const takes = (...words: readonly string[]): boolean => {
    const all = words.every((word, i) => tokens[at + i]?.kind === 'word' && tokens[at + i]!.value === word);
    if (all) at += words.length;
    return all;
  };
  const verb = tokens[0]?.value;
  const orReplace = takes('OR', 'REPLACE');
  takes('SOURCE');
  const isSource = takes('STREAM') || takes('TABLE');
  if (!isSource && !takes('TYPE')) return undefined;
  const ifNotExists = takes('IF', 'NOT', 'EXISTS');
  takes('IF', 'EXISTS');
  const name = tokens[at];
  if (name === undefined || name.open || (name.kind !== 'word' && name.kind !== 'quoted')) return undefined;
  // A name at the very end may go on behind the piece that was looked at.
  if (name.end === statement.length && slice.start + statement.length < slice.end) return undefined;
  const effect = verb !== 'CREATE' ? 'change' : orReplace || ifNotExists ? 'again' : 'make';
  return {
    index,
    kind: isSource ? 'source' : 'type',
    name: isSource ? name.value : name.value.toUpperCase(),
    effect,
    orReplace,
    range: { start: slice.start + name.start, end: slice.start + name.end },
  };
}
