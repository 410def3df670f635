import {
  type Broker,
  BrokerError,
  type CommitPosition,
  type CommittedOffset,
  type PartitionOffsets,
  type TransactionalProducer,
} from '../../broker/broker.ts';
import type { GroupMembership } from '../../broker/groups/group-membership.ts';
import { TransactionError } from '../../broker/transaction-error.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import { offsetReset } from '../task/open-partitions.ts';
import { newPartition, originNote, originOf, type StartNotice } from '../task/start-positions.ts';
import type { TaskPlan, TaskTopology } from './task-topology.ts';

export interface FirstPositionsOptions {
  readonly broker: Broker;
  readonly group: string;
  readonly properties: QueryProperties;
  readonly topology: TaskTopology;
  /**
   * Whether the state that belongs to the group's offsets is nowhere: the query begins where it began when it was new.
   */
  readonly isStateLost: () => Promise<boolean>;
  readonly tell: (notice: StartNotice) => void;
}

/** Engines that begin a query at the same moment take turns so often. */
const ATTEMPTS = 20;
const LEAST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 5000;
/** What an engine has begun that ended meanwhile, the broker gives up after so long. */
const TRANSACTION_TIMEOUT_MS = 10_000;

/**
 * Notes in the group where a query begins to read, for partitions that it has not read before: whichever engine does a
 * task finds its place there. To be called before the group is joined.
 *
 * An engine that looks, stands still and then writes would set back what others have read meanwhile. So it takes a
 * transactional id before it looks: what it writes is refused if another one has looked since.
 *
 * @throws BrokerError
 */
export async function commitFirstPositions(options: FirstPositionsOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    if ((await missingPositions(options)).positions.length === 0) return;
    try {
      return await commitAlone(options);
    } catch (error) {
      if (!(error instanceof TransactionError) || error.consequence !== 'fenced' || attempt === ATTEMPTS) throw error;
      // Whoever came last goes on in peace, if those before it wait for long enough.
      const pauseMs = Math.min(LEAST_PAUSE_MS * 2 ** (attempt - 1), MOST_PAUSE_MS);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

async function commitAlone(options: FirstPositionsOptions): Promise<void> {
  const { group, tell } = options;
  const producer = await openBeginning(options);
  try {
    const { positions, notices } = await missingPositions(options);
    if (positions.length === 0) return;
    if (producer === undefined) await commitUnlessDone(positions, options);
    else {
      await producer.begin();
      await producer.sendOffsets({ group, generation: -1, memberId: '' }, positions);
      await producer.commit();
    }
    for (const notice of notices) tell(notice);
  } finally {
    await producer?.close();
  }
}

/** Undefined where there are no transactions, or none for this user. */
async function openBeginning({ broker, group }: FirstPositionsOptions): Promise<TransactionalProducer | undefined> {
  const options = { timeoutMs: TRANSACTION_TIMEOUT_MS, deliveryTimeoutMs: TRANSACTION_TIMEOUT_MS };
  try {
    return await broker.openTransactions?.(`${group}-begin`, options);
  } catch (error) {
    if (error instanceof TransactionError && error.consequence === 'fatal') return undefined;
    throw error;
  }
}

async function commitUnlessDone(
  positions: readonly CommitPosition[],
  { broker, group }: FirstPositionsOptions,
): Promise<void> {
  try {
    await broker.commit(group, positions);
  } catch (error) {
    // Another engine that has joined the group has done the same before.
    if (!(error instanceof BrokerError) || !(await isCommitted(positions, broker, group))) throw error;
  }
}

interface FirstPositions {
  readonly positions: readonly Required<CommitPosition>[];
  readonly notices: readonly StartNotice[];
}

interface KnownTopic {
  readonly topic: string;
  readonly partitions: readonly PartitionOffsets[];
  readonly committed: ReadonlyMap<number, CommittedOffset>;
}

async function missingPositions(options: FirstPositionsOptions): Promise<FirstPositions> {
  const { broker, group, topology, isStateLost } = options;
  const known: KnownTopic[] = [];
  for (const topic of topology.sourceTopics.keys()) {
    // Where the topic ends is asked first: another engine may do the same, and what comes after its answer counts.
    const partitions = await broker.offsets(topic);
    known.push({ topic, partitions, committed: await broker.committed(group, topic) });
  }
  // Where nothing was read there is no state to be lost. It is looked for afterwards: who reads has made its topics.
  const wasRead = known.some(({ committed }) => hasRead(committed));
  const isLost = wasRead && (await isStateLost());
  const notices: StartNotice[] = [];
  const positions = known.flatMap((each) => firstPositions(each, isLost, options, notices));
  return { positions, notices };
}

const hasRead = (committed: ReadonlyMap<number, CommittedOffset>): boolean =>
  [...committed.values()].some(({ offset, note }) => offset > originOf(note));

function firstPositions(
  { topic, partitions, committed }: KnownTopic,
  isLost: boolean,
  { properties, topology }: FirstPositionsOptions,
  notices: StartNotice[],
): Required<CommitPosition>[] {
  const reset = offsetReset(properties, readsTable(topology, topic));
  const isNew = committed.size === 0;
  const isAgain = isLost && hasRead(committed);
  if (isAgain) notices.push(beginningAgain(topic));
  return partitions.flatMap((bounds) => {
    const { partition, earliest, latest } = bounds;
    const before = committed.get(partition);
    if (before !== undefined && !isAgain) return [];
    if (before === undefined && !isNew) notices.push(newPartition(topic, bounds));
    const begin = !isNew || reset === 'earliest' ? earliest : latest;
    const offset = before === undefined ? begin : Math.max(earliest, originOf(before.note));
    return [{ topic, partition, offset, note: originNote(offset) }];
  });
}

const readsTable = ({ tasks }: TaskTopology, topic: string): boolean =>
  tasks.some(({ part }) => part.plan.sources.some(({ source }) => source.topic === topic && source.kind === 'TABLE'));

async function isCommitted(positions: readonly CommitPosition[], broker: Broker, group: string): Promise<boolean> {
  for (const [topic, ofTopic] of Map.groupBy(positions, (position) => position.topic)) {
    const committed = await broker.committed(group, topic);
    if (!ofTopic.every(({ partition }) => committed.has(partition))) return false;
  }
  return true;
}

const beginningAgain = (topic: string): StartNotice => ({
  kind: 'info',
  text: `topic ${topic}: the state of the query is not in its changelog topics yet, as one engine alone ran it before. It is made anew from all that the query has read; results are written again.`,
});

/**
 * Where a task goes on, by `topic-partition`: where its group stands. A partition without a place there is one between
 * the query's own tasks, or has come since: it is read from its beginning.
 *
 * @throws BrokerError
 */
export async function taskPositions(
  { inputs }: TaskPlan,
  membership: Pick<GroupMembership, 'committed'>,
  broker: Broker,
): Promise<Map<string, number>> {
  const positions = new Map<string, number>();
  for (const { topic, partition, offset } of await membership.committed(inputs))
    positions.set(`${topic}-${partition}`, offset);
  for (const { topic, partition } of inputs) {
    if (positions.has(`${topic}-${partition}`)) continue;
    const [bounds] = await broker.offsets(topic, { partition });
    positions.set(`${topic}-${partition}`, bounds?.earliest ?? 0);
  }
  return positions;
}
