import { AstUtils } from 'langium';
import { type ParsedStatement, rangeOf } from '../../language/index.ts';
import type { AnalyzedQuery, OutputColumn } from '../../language/query/analyzed.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import type { SqlType } from '../../language/types/sql-type.ts';
import type { Script } from './script-store.ts';

/** A column that a `*` stands for. */
export interface StarColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly key: boolean;
  /** The column that it is, by the name of its source in the query; absent for the key that a join makes. */
  readonly from?: { readonly alias: string; readonly column: string };
}

export interface PlacedStar {
  readonly columns: readonly StarColumn[];
  /** Of the select item, in offsets of the document. */
  readonly range: TextRange;
}

/** What the `*` at an offset stands for. */
export function starAt(script: Script, statement: ParsedStatement, offset: number): PlacedStar | undefined {
  const { node } = statement;
  const columns = queryOf(script, statement)?.output.columns;
  if (node === undefined || columns === undefined) return undefined;
  for (const item of AstUtils.streamAst(node)) {
    if (item.$type !== 'SelectAll' && item.$type !== 'SelectAllOf') continue;
    const range = rangeOf(item, statement);
    if (offset < range.start || offset > range.end || script.parsed.text[range.end - 1] !== '*') continue;
    // Before the star stands the name of its source, which has something to say of its own.
    if (item.$type === 'SelectAllOf' && offset < range.end - 1) continue;
    const start = range.start - statement.offset;
    const own = columns.filter(({ selected }) => selected?.fromStar && selected.range.start === start);
    return own.length === 0 ? undefined : { columns: own.map(starColumn), range };
  }
  return undefined;
}

/** The query of a statement, as far as it could be analysed. */
export function queryOf(script: Script, { index }: ParsedStatement): AnalyzedQuery | undefined {
  const analyzed = script.analysis.statements[index];
  return analyzed !== undefined && 'query' in analyzed ? analyzed.query : undefined;
}

function starColumn({ name, type, keyIndex, selected }: OutputColumn): StarColumn {
  const column = selected?.expression;
  const from =
    column?.kind === 'column' && column.source !== undefined
      ? { from: { alias: column.source, column: column.name } }
      : undefined;
  return { name, type, key: keyIndex !== undefined, ...from };
}
