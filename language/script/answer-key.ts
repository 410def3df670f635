import { columnsOf } from '../binding/expression-tree.ts';
import type { Metastore } from '../metastore/metastore.ts';
import { parseScript } from '../parser/parse-script.ts';
import type { AnalyzedQuery, Relation } from '../query/analyzed.ts';
import type { AnalysisSettings } from '../query/statement-context.ts';
import { analyzeScript } from './analyze-script.ts';

/** The key of a SELECT's answer. */
export interface AnswerKey {
  readonly kind: 'table' | 'stream';
  /** Which columns are the key, by index. */
  readonly columns: readonly number[];
}

/**
 * Which columns of a SELECT's answer are its key; the answer of a push query does not say it. Of a table, rows that
 * agree in them are states of one row, of which the newest counts.
 *
 * @returns undefined when the answer cannot be understood, has no key, or is a table of whose key a part is not among
 * the columns, so that rows of the same key cannot be told
 */
export function answerKey(
  query: string,
  metastore: Metastore,
  settings: Pick<AnalysisSettings, 'dialect' | 'properties' | 'variables'>,
): AnswerKey | undefined {
  const { statements } = analyzeScript(parseScript(query, { dialect: settings.dialect }), metastore, {
    ...settings,
    offline: true,
  });
  const [analyzed] = statements;
  if (analyzed?.kind !== 'select') return undefined;
  if (analyzed.query.output.kind === 'TABLE') {
    const columns = keyOf(analyzed.query);
    return columns && { kind: 'table', columns };
  }
  const columns = analyzed.query.output.columns.flatMap(({ keyIndex }, i) => (keyIndex === undefined ? [] : [i]));
  return columns.length === 0 ? undefined : { kind: 'stream', columns };
}

function keyOf({ relation, grouping, output }: AnalyzedQuery): readonly number[] | undefined {
  const parts = grouping?.keys.length ?? keyParts(relation);
  const found = Array.from({ length: parts }, (_, part) =>
    output.columns.findIndex(({ keyIndex }) => keyIndex === part),
  );
  if (output.window !== undefined) {
    // A bound of the window tells windows apart, also when it was made into something to read.
    const { layout } = grouping ?? relation;
    found.push(
      output.columns.findIndex(({ expression }) =>
        columnsOf(expression).some(({ index }) => WINDOW_BOUNDS.has(layout[index]!.role)),
      ),
    );
  }
  return found.length === 0 || found.includes(-1) ? undefined : found;
}

function keyParts(relation: Relation): number {
  return relation.kind === 'join'
    ? relation.layout.length - relation.keySlot
    : relation.layout.filter(({ role }) => role === 'key').length;
}

const WINDOW_BOUNDS: ReadonlySet<string> = new Set(['windowstart', 'windowend']);
