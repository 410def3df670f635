import type { DataSource } from '../../language/metastore/metastore.ts';
import type { AnalyzedQuery } from '../../language/query/analyzed.ts';
import type { Row } from '../operators/operator.ts';
import type { LogicalPlan } from '../plan/logical-plan.ts';
import { printPlan, printTopology } from '../plan/plan-printer.ts';
import type { EngineServices } from './engine-services.ts';
import type { RegisteredQuery } from './query-registry.ts';
import { bytesText } from './records/internal-key.ts';
import { Partitioner, type RowEncoder } from './records/row-encoder.ts';
import type { QueryProperties } from './session/session-properties.ts';
import type { HandedOver } from './task/query-run.ts';
import type { QueryTaskOptions } from './task/query-task-options.ts';
import type { ResultSink } from './task/task-output.ts';

/** A query that is to be started. */
export interface QueryStart {
  readonly id: string;
  readonly query: AnalyzedQuery;
  readonly statementText: string;
  readonly properties: QueryProperties;
  readonly overriddenProperties: RegisteredQuery['overriddenProperties'];
  /** The source whose topic the results go to; absent for push queries. */
  readonly sink?: DataSource;
  /** The table that the query only keeps for lookups (CREATE SOURCE TABLE). */
  readonly sourceTable?: string;
  /** Takes the results of a query without a sink. */
  readonly results?: ResultSink;
  /** Ends at what the topics hold now. */
  readonly bounded?: boolean;
  readonly onStop?: () => void;
  /** Only made and registered; its task is started later. */
  readonly deferred?: boolean;
  /** It was there before, under the same id: it goes on where it stood. */
  readonly isResumed?: boolean;
  /** What the query leaves whose place it takes; that one holds still. */
  readonly handedOver?: HandedOver | undefined;
}

/** What is told of how a query found its place, and where it is told. */
export function noticesOf(
  id: string,
  services: EngineServices,
): Required<Pick<QueryTaskOptions, 'onNotice'>> & { notices: string[] } {
  const notices: string[] = [];
  return {
    notices,
    onNotice({ kind, text }) {
      notices.push(text);
      services.onNotice(`Query ${id}: ${text}`);
      if (kind === 'loss') services.processingLog.notice(`processing.${id}`, `Query ${id}: ${text}`);
    },
  };
}

/** Registers a query, and starts it unless that is for later. */
export async function registerAndStart(
  query: RegisteredQuery,
  start: QueryStart,
  services: EngineServices,
): Promise<void> {
  services.queries.add(query);
  if (start.deferred === true) return;
  try {
    await query.run.start();
  } catch (error) {
    await services.queries.remove(query.id, { deleteState: true, leaveState: start.handedOver !== undefined });
    throw error;
  }
}

/** A pull query reads a table partition by partition. */
export function scanOrder(encoder: RowEncoder, partitions: number): (key: Row) => string {
  const partitioner = new Partitioner(partitions);
  return (key) => {
    const bytes = encoder.encodeKey(key);
    return String.fromCharCode(partitioner.partition(bytes)) + bytesText(bytes);
  };
}

/** What is known of a query before it runs. */
export function describeQuery(
  start: QueryStart,
  plan: LogicalPlan,
  group: string,
): Omit<RegisteredQuery, 'run' | 'late' | 'notices'> {
  const { id, query, sink, statementText, overriddenProperties } = start;
  return {
    id,
    type: start.results === undefined ? 'PERSISTENT' : 'PUSH',
    statementText,
    sources: plan.sources.map(({ source }) => source.name),
    columns: query.output.schema.columns,
    overriddenProperties,
    consumerGroupId: group,
    executionPlan: printPlan(plan),
    topology: printTopology(plan, sink?.topic),
    inputTopics: plan.sources.map(({ source }) => source.topic),
    repartitions: plan.repartitions,
    sink,
    sourceTable: start.sourceTable,
    windowType: query.output.window?.type,
    onStop: start.onStop,
  };
}
