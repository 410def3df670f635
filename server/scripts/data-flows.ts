import type { ParsedStatement } from '../../language/index.ts';
import { querySources } from '../../language/names/tree-names.ts';
import type { Script } from './script-store.ts';

/** A statement that reads sources, and what it does with what it reads. */
export interface DataFlow {
  readonly script: Script;
  readonly statement: ParsedStatement;
  readonly kind: 'create-as' | 'insert' | 'query';
  /** The source that it writes; absent for a query, whose answer nobody keeps. */
  readonly sink?: string;
  readonly sources: readonly string[];
}

/** The flows of a script, in the order of its statements. */
export function dataFlows(script: Script): readonly DataFlow[] {
  return script.parsed.statements.flatMap((statement): DataFlow[] => {
    const { node } = script.analysis.substituted.get(statement.index)?.statement ?? statement;
    if (node === undefined) return [];
    const sources = [...new Set([...querySources(node).values()].map(({ source }) => source))];
    const flow = { script, statement, sources };
    if (node.$type === 'CreateAs') return [{ ...flow, kind: 'create-as', sink: node.name }];
    if (node.$type === 'InsertSelect') return [{ ...flow, kind: 'insert', sink: node.target }];
    return node.$type === 'Query' ? [{ ...flow, kind: 'query' }] : [];
  });
}

/** The beginning of a statement, on one line. */
export function firstWords(text: string): string {
  const line = text.replace(/\s+/g, ' ').replace(/;$/, '').trim();
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
