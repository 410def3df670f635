import { parseScript } from '../parser/parse-script.ts';
import { analyzeScript } from './analyze-script.ts';
import type { AnalyzedQuery, Relation } from './analyzed.ts';
import { columnsOf } from './expression-tree.ts';
import type { Metastore } from './metastore.ts';
import type { AnalysisSettings } from './statement-context.ts';

/**
 * Which columns of a SELECT's answer are the key of a table, by index: rows that agree in them are states of one row, of which
 * the newest counts. The answer of a push query does not say it.
 *
 * @returns undefined when the answer is a stream or cannot be understood, and when part of the key is not among the columns, so
 * that rows of the same key cannot be told
 */
export function answerKey(
  query: string,
  metastore: Metastore,
  settings: Pick<AnalysisSettings, 'dialect' | 'properties' | 'variables'>,
): readonly number[] | undefined {
  const { statements } = analyzeScript(parseScript(query, { dialect: settings.dialect }), metastore, {
    ...settings,
    offline: true,
  });
  const [analyzed] = statements;
  return analyzed?.kind === 'select' && analyzed.query.output.kind === 'TABLE' ? keyOf(analyzed.query) : undefined;
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
