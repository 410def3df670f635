import { setTimeout as sleep } from 'node:timers/promises';
import type { AnalyzedQuery } from '../../language/query/analyzed.ts';
import type { Slot } from '../../language/types/schema.ts';
import { badStatement } from '../api/errors.ts';
import type { Properties } from '../api/protocol.ts';
import { rowReader } from '../api/read-json-row.ts';
import type { Row } from '../operators/operator.ts';
import { catchUp } from './catch-up.ts';
import { type HostRules, hostsOfTask, type TaskHost } from './cluster/choose-hosts.ts';
import { ForwardedRows } from './cluster/forwarded-rows.ts';
import type { RowSource } from './cluster/placed-row.ts';
import { RoutedRows, unanswered } from './cluster/routed-rows.ts';
import { partitionOfTask } from './cluster/shared-query-view.ts';
import type { EngineServices } from './engine-services.ts';
import type { QueryAnswer, ResultColumn } from './query-answer.ts';
import { pullQueryId } from './query-ids.ts';
import type { RegisteredQuery } from './query-registry.ts';
import { storedForm } from './records/stored-form.ts';
import type { QueryProperties } from './session/session-properties.ts';
import type { LocalTask, SharedTasks } from './shared/shared-tasks.ts';
import { TableLookup, type TablePart } from './table-lookup.ts';

/** A pull query on a table, as it was sent and as it was understood. */
export interface TableRequest {
  readonly query: AnalyzedQuery;
  readonly statementText: string;
  readonly properties: QueryProperties;
  /** What another engine is sent that answers for a part of the table. */
  readonly sent: {
    readonly sql: string;
    readonly properties: Properties;
    readonly variables: Readonly<Record<string, string>>;
  };
  /** Set where another engine has sent it: only what is here counts. */
  readonly forwarded?: ForwardedRequest | undefined;
}

export interface ForwardedRequest {
  /** The partitions that are asked for; absent: all that the query needs. */
  readonly partitions?: readonly number[] | undefined;
}

/** Answers a pull query on a table from the state of the query that keeps it, here or on other engines. */
export async function askTable(request: TableRequest, services: EngineServices): Promise<QueryAnswer> {
  const { query, statementText } = request;
  if (query.relation.kind !== 'source') throw new TypeError('A pull query on a table reads one source');
  const { source, layout } = query.relation;
  const keeper = services.queries.materializing(source.name);
  if (keeper?.table === undefined) {
    throw badStatement(
      `The \`${source.name}\` table isn't queryable. To derive a queryable table, you can do 'CREATE TABLE QUERYABLE_${source.name} AS SELECT * FROM ${source.name}'. See https://cnfl.io/queries for more info.\nAdd EMIT CHANGES if you intended to issue a push query.`,
      statementText,
    );
  }
  const lookup = new TableLookup(query, { keyOrder: keeper.keyOrder, stored: storedForm(source) });
  const rows =
    keeper.shared === undefined
      ? await wholeTable(lookup, { partition: 0, table: keeper.table }, keeper, services)
      : await sharedTable(lookup, { request, keeper, shared: () => keeper.shared!, services });
  return {
    queryId: pullQueryId(services.clock.nowMs()),
    kind: 'pull-table',
    statementText,
    columns: resultColumns(query, layout),
    next: () => rows.next(),
    limitReached: false,
    close: async () => rows.close(),
  };
}

/**
 * What has the name of a key column counts as a key, whatever it was computed from; a key under another name does not.
 */
function resultColumns(query: AnalyzedQuery, layout: readonly Slot[]): readonly ResultColumn[] {
  const keyRoles = new Set(['key', 'windowstart', 'windowend']);
  const keys = new Set(layout.filter(({ role }) => keyRoles.has(role)).map(({ name }) => name));
  return query.output.columns.map(({ name, type }) => ({ name, type, key: keys.has(name) }));
}

/** The rows of a table that this engine has as a whole. */
async function wholeTable(
  lookup: TableLookup,
  part: TablePart,
  keeper: RegisteredQuery,
  services: EngineServices,
): Promise<RowSource> {
  if (services.drive === 'automatic') await catchUp(keeper, services);
  await lookup.prepare(part);
  return { next: lookup.rowsOf([part]), close: () => undefined };
}

/** A pull query on a table whose tasks several engines have. */
interface SharedLookup {
  readonly request: TableRequest;
  readonly keeper: RegisteredQuery;
  /** Where the tasks are at this moment. */
  readonly shared: () => SharedTasks;
  readonly services: EngineServices;
}

/** How long a task is looked for that is on its way from one engine to another. */
const ROUTE_MS = 10_000;
const POLL_MS = 50;
/** How long an engine may take to begin its answer that is taken for dead. */
const SILENT_MS = 2000;

async function sharedTable(lookup: TableLookup, context: SharedLookup): Promise<RoutedRows> {
  const { request, shared, services } = context;
  const { forwarded, query } = request;
  const patienceMs = forwarded === undefined && services.drive === 'automatic' ? ROUTE_MS : 0;
  await whenDivided(shared, patienceMs);
  const rules = hostRules(context);
  const wanted = wantedTasks(lookup, shared());
  const { partitions } = forwarded ?? {};
  const tasks = partitions === undefined ? wanted : wanted.filter((task) => partitions.includes(partitionOfTask(task)));
  return RoutedRows.open({
    tasks,
    hostsOf: (task) => hostsOfTask(task, shared(), rules(task)),
    open: (host, own) => (host.isLocal ? localRows(lookup, own, context) : forwardedRows(host, own, context)),
    limit: query.limit,
    patienceMs,
  });
}

/** Waits until the query knows its tasks, which it does not before it has joined its group. @throws EngineError */
async function whenDivided(shared: () => SharedTasks, patienceMs: number): Promise<void> {
  const untilMs = Date.now() + patienceMs;
  while (shared().tableTasks.length === 0) {
    if (Date.now() >= untilMs) throw unanswered(['The query has no tasks yet']);
    await sleep(POLL_MS);
  }
}

/** The tasks that have the keys of a query, or all that keep the table. */
function wantedTasks({ keys }: TableLookup, shared: SharedTasks): readonly string[] {
  if (keys === undefined) return shared.tableTasks;
  const tasks = new Set<string>();
  for (const key of keys) {
    const task = shared.taskOfKey(key);
    if (task !== undefined) tasks.add(task);
  }
  return [...tasks];
}

/** Who may answer for a task, by the settings of the server and of the query. */
function hostRules({ request, keeper, shared, services }: SharedLookup): (task: string) => HostRules {
  const { cluster } = services;
  const rules = {
    onlyLocal: request.forwarded !== undefined,
    isThread: (process: string) => cluster?.threadOf(process) !== undefined,
    // ksqlDB reads it when it starts: a request cannot change it.
    standbyReads: isTrue(services.setting('ksql.query.pull.enable.standby.reads')),
    allowedLag: request.properties.number('ksql.query.pull.max.allowed.offset.lag') ?? Number.MAX_SAFE_INTEGER,
    statusOf: (host: string) => cluster?.statusOf(host),
  };
  if (!cluster?.reportsLags) return () => rules;
  return (task) => {
    const { stores } = shared().partsOf(task);
    const partition = partitionOfTask(task);
    return { ...rules, lagOf: (host) => cluster.lagOf(host, keeper.id, stores, partition) };
  };
}

/** What another engine has of the table. */
function forwardedRows(
  { host, endpoint, thread, isOnlySilent }: TaskHost,
  tasks: readonly string[],
  { request, services }: SharedLookup,
): RowSource {
  const { cluster } = services;
  const client = thread === undefined ? endpoint && cluster?.clientOf(endpoint) : cluster?.threadOf(thread);
  if (!client) throw unanswered([`${host} cannot be reached`]);
  const decode = rowReader(request.query.output.columns.map(({ type }) => type));
  // Rows of another thread are of this host.
  return new ForwardedRows(
    thread === undefined ? host : cluster!.self,
    client,
    { ...request.sent, partitions: tasks.map(partitionOfTask) },
    { decode, ...(isOnlySilent ? { beginWithinMs: SILENT_MS } : {}) },
  );
}

/** What this engine has of the table. */
function localRows(lookup: TableLookup, tasks: readonly string[], context: SharedLookup): RowSource {
  let rows: (() => ReturnType<RowSource['next']>) | undefined;
  return {
    async next() {
      rows ??= await openLocal(lookup, tasks, context);
      return rows();
    },
    close: () => undefined,
  };
}

/** @throws EngineError when a task is not here any more, or not ready */
async function openLocal(
  lookup: TableLookup,
  tasks: readonly string[],
  { request, keeper, shared: now, services }: SharedLookup,
): Promise<() => ReturnType<RowSource['next']>> {
  const isDone = (id: string) => now().local.some((task) => task.id === id && task.isActive);
  // What others do for the table is not waited for.
  if (services.drive === 'automatic' && tasks.some(isDone)) await catchUp(keeper, services);
  const shared = now();
  const partOfTask = new Map<string, TablePart>();
  for (const id of tasks.toSorted((a, b) => partitionOfTask(a) - partitionOfTask(b))) {
    const task = shared.local.find((each) => each.id === id);
    const partition = partitionOfTask(id);
    if (task?.table === undefined) throw unanswered([`Partition ${partition} is not here any more`]);
    // What comes here next is here as a standby already, and what has come goes on where another had got to.
    if (!task.isCurrent && !mayLag(task, request, services))
      throw unanswered([
        `Partition ${partition} ${task.isRestoring ? 'is being restored' : 'has not caught up here yet'}`,
      ]);
    const part = { partition, table: task.table };
    partOfTask.set(id, part);
    await lookup.prepare(part);
  }
  const partOf = (key: Row) => partOfTask.get(shared.taskOfKey(key) ?? '');
  return lookup.rowsOf([...partOfTask.values()], partOf);
}

/** Whether state that is not as of the end of its changelog may be read all the same. */
function mayLag({ changelog }: LocalTask, { properties }: TableRequest, { setting }: EngineServices): boolean {
  if (!isTrue(setting('ksql.query.pull.enable.standby.reads'))) return false;
  const allowed = properties.number('ksql.query.pull.max.allowed.offset.lag') ?? 0;
  return changelog.endOffset - changelog.position <= allowed;
}

const isTrue = (text: string | undefined): boolean => text?.trim().toLowerCase() === 'true';
