import type { MetastoreSnapshot, SnapshotSource } from '../../language/metastore/metastore-snapshot.ts';
import { identifierText } from '../../language/text/identifier-text.ts';

/** What has to go so that a source can be dropped. */
export interface DropPlan {
  /** Ids of the queries that read or write what is dropped. */
  readonly queries: readonly string[];
  /** What is dropped, in order: first what was made from others, last the source itself. */
  readonly sources: readonly Pick<SnapshotSource, 'name' | 'kind'>[];
}

/** What depends on a source: ksqlDB refuses to drop it while a query uses it, or something was made from it. */
export function planDrop(source: Pick<SnapshotSource, 'name' | 'kind'>, snapshot: MetastoreSnapshot): DropPlan {
  const doomed = new Map<string, Pick<SnapshotSource, 'name' | 'kind'>>();
  const visit = (one: Pick<SnapshotSource, 'name' | 'kind'>) => {
    if (doomed.has(one.name)) return;
    doomed.set(one.name, one);
    for (const { sources, sink, statementText } of snapshot.queries) {
      if (!sources.includes(one.name) || !/^\s*CREATE\b/i.test(statementText)) continue;
      const made = snapshot.sources.find(({ name }) => name === sink);
      if (made !== undefined) visit(made);
    }
    // Again at the end: what others are made from comes after them.
    doomed.delete(one.name);
    doomed.set(one.name, one);
  };
  visit(source);
  const queries = snapshot.queries.filter(({ sources, sink }) => [...sources, sink].some((name) => doomed.has(name)));
  return { queries: queries.map(({ id }) => id), sources: [...doomed.values()] };
}

/** The statements of a plan, in the order to run them. */
export function dropStatements({ queries, sources }: DropPlan, deletesTopics: boolean): readonly string[] {
  const topic = deletesTopics ? ' DELETE TOPIC' : '';
  return [
    ...queries.map((id) => `TERMINATE ${identifierText(id)};`),
    ...sources.map(({ kind, name }) => `DROP ${kind} ${identifierText(name)}${topic};`),
  ];
}
