import type { DataSource } from '../../language/metastore/metastore.ts';
import type { Column } from '../../language/types/schema.ts';
import type { Properties } from '../api/protocol.ts';
import type { MaterializedTable } from '../compile/materialized-table.ts';
import type { Row } from '../operators/operator.ts';
import type { SharedQueryView } from './cluster/shared-query-view.ts';
import type { LateRecords } from './monitoring/late-records.ts';
import type { SharedTasks } from './shared/shared-tasks.ts';
import type { QueryRun } from './task/query-run.ts';
import type { StopOptions } from './task/query-task-options.ts';

/** A query that runs, or is kept because it may be resumed. */
export interface RegisteredQuery {
  readonly id: string;
  readonly type: 'PERSISTENT' | 'PUSH';
  readonly statementText: string;
  /** Names of the sources it reads. */
  readonly sources: readonly string[];
  /** Absent for push queries and for the materialization of a source table. */
  readonly sink?: DataSource | undefined;
  /** The source table that the query materializes. */
  readonly sourceTable?: string | undefined;
  /** The columns of its result, the keys first. */
  readonly columns: readonly Column[];
  readonly windowType?: string | undefined;
  /** The settings it was started with, as they were sent. */
  readonly overriddenProperties: Properties;
  readonly consumerGroupId: string;
  /** The plan in ksqlDB's own notation. */
  readonly executionPlan: string;
  readonly topology: string;
  /** How it found its place in its topics when it went on after a restart, in sentences. */
  readonly notices: readonly string[];
  /** What it dropped because it came too late. */
  readonly late: LateRecords;
  readonly run: QueryRun;
  /** The topics that it reads, other than those between its own tasks. */
  readonly inputTopics: readonly string[];
  /** The topics between its tasks where keys are spread anew, without the application id. */
  readonly repartitions: readonly string[];
  /** The table that it keeps, for pull queries; of a query whose tasks are shared the part that is here. */
  readonly table?: MaterializedTable | undefined;
  /** Where its tasks are, if they are shared with other engines. */
  readonly shared?: SharedTasks | undefined;
  /**
   * A text by which the keys of its sink sort as a scan of the table meets them in ksqlDB: by partition, then by bytes.
   */
  readonly keyOrder?: (key: Row) => string;
  /** Ends what else belongs to the query, such as the answer to a client. */
  readonly onStop?: (() => void) | undefined;
}

/** A query that does not run. */
export type PlannedQuery = Omit<
  RegisteredQuery,
  'run' | 'inputTopics' | 'repartitions' | 'table' | 'shared' | 'late' | 'notices' | 'onStop'
>;

/** The queries of the engine, in the order of their creation. */
export class QueryRegistry {
  readonly #queries = new Map<string, RegisteredQuery>();

  add(query: RegisteredQuery): void {
    this.#queries.set(query.id, query);
  }

  get(id: string): RegisteredQuery | undefined {
    return this.#queries.get(id);
  }

  all(): readonly RegisteredQuery[] {
    return [...this.#queries.values()];
  }

  persistent(): readonly RegisteredQuery[] {
    return this.all().filter((query) => query.type === 'PERSISTENT');
  }

  /** Those whose tasks are shared with other engines. */
  shared(): readonly SharedQueryView[] {
    return this.all().flatMap(({ id, shared }) => (shared === undefined ? [] : [{ id, shared }]));
  }

  get pushCount(): number {
    let count = 0;
    for (const query of this.#queries.values()) if (query.type === 'PUSH') count++;
    return count;
  }

  /** Queries that read the source. */
  readersOf(source: string): readonly RegisteredQuery[] {
    return this.all().filter((query) => query.sources.includes(source));
  }

  /** Queries whose sink the source is. */
  writersOf(source: string): readonly RegisteredQuery[] {
    return this.all().filter((query) => query.sink?.name === source);
  }

  /** The one query that holds the state of a table; undefined when there is none, or more than one writes it. */
  materializing(table: string): RegisteredQuery | undefined {
    const writers = this.all().filter((query) => query.sink?.name === table || query.sourceTable === table);
    return writers.length === 1 ? writers[0] : undefined;
  }

  /** Stops a query and forgets it. @returns whether there was one */
  async remove(id: string, options: StopOptions): Promise<boolean> {
    const query = this.#queries.get(id);
    if (query === undefined) return false;
    this.#queries.delete(id);
    query.onStop?.();
    await query.run.stop(options);
    return true;
  }

  /** Stops all queries, keeping what they need to go on later. */
  async close(): Promise<void> {
    const queries = this.all();
    this.#queries.clear();
    for (const query of queries) query.onStop?.();
    await Promise.all(queries.map((query) => query.run.stop({ deleteState: query.type === 'PUSH' })));
  }
}
