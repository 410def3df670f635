import type { FunctionDefinition } from '../../language/functions/function.ts';
import type { Metastore } from '../../language/metastore/metastore.ts';
import { tokenSources } from '../../language/names/token-names.ts';
import { querySources } from '../../language/names/tree-names.ts';
import {
  type ExpectedTokens,
  expectedAfter,
  type NamedToken,
  namedTokens,
} from '../../language/parser/expected-tokens.ts';
import { inComment, type Token, tokenize } from '../../language/text/tokens.ts';
import type { Script } from '../scripts/script-store.ts';
import { NEXT_STATEMENT } from '../text/statement-starts.ts';

/** A source of a query, under the name that it goes by there. */
export interface ReadSource {
  readonly alias: string;
  readonly source: string;
}

/** A place at which something is to be completed: what stands around it, and what the grammar takes there. */
export interface CompletionSite {
  readonly script: Script;
  /** Where the statement begins, in the document. */
  readonly statementStart: number;
  /** Where the word that is being typed begins, after its quote; the cursor's place where none was begun. */
  readonly start: number;
  readonly cursor: number;
  /** What was typed of the word. */
  readonly begun: string;
  /** The quote that is open at the cursor. */
  readonly quote: '' | "'" | '`' | '"';
  /** The tokens of the statement before the word; places are the document's. */
  readonly tokens: readonly Token[];
  /** The same as the parser names them. */
  readonly named: readonly NamedToken[];
  readonly expected: ExpectedTokens;
  /** What stands behind the place in the statement, without what is left of the word. */
  readonly after: string;
  /** What there is before the statement. */
  readonly metastore: Metastore;
  /** The sources that the query names before the place, in their order. */
  readonly fromBefore: readonly ReadSource[];
  /** The sources that the query names, also after the place. */
  readonly from: readonly ReadSource[];
}

/** The place at an offset of a script; undefined in comments. */
export function completionSite(script: Script, cursor: number): CompletionSite | undefined {
  const { text, statements } = script.parsed;
  if (inComment(text, cursor)) return undefined;
  const inside = statements.find(
    ({ range, text: own }) => range.start < cursor && (cursor < range.end || !own.endsWith(';')),
  );
  const earlier = statements.filter(({ range }) => range.end <= cursor).length;
  const scriptStart = inside?.range.start ?? statements[earlier - 1]?.range.end ?? 0;
  const statementStart = scriptStart + lastStatementIn(text.slice(scriptStart, cursor));
  const written = tokenize(text.slice(statementStart, cursor)).map((token) => moved(token, statementStart));
  const last = written.at(-1);
  // What was put directly behind a number would be one word with it.
  if (last?.kind === 'number' && last.end === cursor) return undefined;
  // The word that is being typed says nothing about what may stand in its place.
  const typed =
    last !== undefined && last.end === cursor && (last.kind === 'word' || last.open === true) ? last : undefined;
  const quote = typed === undefined || typed.kind === 'word' ? '' : (text[typed.start] as CompletionSite['quote']);
  const start = typed === undefined ? cursor : typed.start + quote.length;
  const before = text.slice(statementStart, typed?.start ?? cursor);
  const behind = text.startsWith(quote, cursor) ? cursor + quote.length : cursor;
  const after = inside === undefined ? '' : text.slice(behind, inside.range.end).split(NEXT_STATEMENT)[0]!;
  const named = namedTokens(before);
  const { analysis, topics } = script;
  const metastore = analysis.metastores[inside?.index ?? earlier] ?? analysis.metastore;
  return {
    script,
    statementStart,
    start,
    cursor,
    begun: text.slice(start, cursor),
    quote,
    tokens: typed === undefined ? written : written.slice(0, -1),
    named,
    expected: expectedAfter(named),
    after: (typed === undefined ? after : after.replace(/^\w+/, '')).trimStart(),
    // Topics are offered where they are known, though the analysis goes without them.
    metastore: topics === undefined ? metastore : { ...metastore, topics },
    fromBefore: listed(tokenSources(before)),
    from: listed(
      inside?.node === undefined
        ? tokenSources(`${before}${text.slice(start, cursor)} ${after}`)
        : querySources(inside.node),
    ),
  };
}

const listed = (sources: ReturnType<typeof tokenSources>): readonly ReadSource[] =>
  Array.from(sources, ([alias, { source }]) => ({ alias, source }));

const moved = (token: Token, by: number): Token => ({ ...token, start: token.start + by, end: token.end + by });

/**
 * Where the last statement of a text begins. One without its semicolon takes in those after it, so a line that begins
 * as statements do, where the one before cannot go on so, begins another.
 */
function lastStatementIn(text: string): number {
  let start = 0;
  for (const { index } of text.matchAll(NEXT_STATEMENTS)) {
    const [next] = namedTokens(text.slice(index + 1));
    const { words } = expectedAfter(namedTokens(text.slice(start, index)));
    if (!words.some((word) => word.text.split(' ')[0] === next?.name)) start = index + 1;
  }
  return start;
}

const NEXT_STATEMENTS = new RegExp(NEXT_STATEMENT, 'gi');

/** The places around a name that is to be typed in an expression, also behind the point of its source. */
export const aroundExpression = ({ expected }: CompletionSite): ReadonlySet<string> =>
  new Set([...expected.placesAround('NamedExpression.name'), ...expected.placesAround('AtomicExpression.name')]);

/** Whether a point stands behind the place: what goes there is the name of a source. */
export const goesOnAsName = ({ after }: CompletionSite): boolean => /^\.(?!\d)/.test(after);

/** Whether an arrow or a bracket stands behind the place: what goes there has parts. */
export const goesOn = ({ after }: CompletionSite): boolean => /^(?:->|\[)/.test(after);

/** Whether a keyword stands in the statement before the place. */
export const hasWord = ({ named }: CompletionSite, word: string): boolean => named.some(({ name }) => name === word);

/** Whether the place is within the arguments of a function of a kind. */
export function isWithinCall({ tokens, script }: CompletionSite, kind: FunctionDefinition['kind']): boolean {
  let depth = 0;
  for (let i = tokens.length - 1; i >= 0; i--) {
    const { value, kind: token } = tokens[i]!;
    if (token !== 'symbol') continue;
    if (value === ')') depth++;
    else if (value === '(' && depth > 0) depth--;
    else if (value === '(' && script.functions.get(tokens[i - 1]?.value ?? '')?.kind === kind) return true;
  }
  return false;
}
