import { BrokerError, type GroupMetadata } from '../../broker.ts';
import type { WaitClock } from '../../wait-clock.ts';
import { isRetriable, KAFKA_ERROR, kafkaError } from '../broker-errors.ts';
import type { JoinedMember, MemberShare } from '../group-messages.ts';
import type { GroupRequests } from './group-requests.ts';

export interface SessionOptions {
  readonly group: string;
  readonly instanceId?: string | undefined;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** Shorter than a session; absent: a third of it, and at most 3 s. */
  readonly heartbeatIntervalMs?: number | undefined;
}

/** What a member does at the turns of its membership. */
export interface SessionHandler {
  /** What the leader should know when it gives out the work. */
  describe(): Uint8Array;
  /** Gives out the work, where this member leads. */
  share(members: readonly JoinedMember[]): MemberShare[] | Promise<MemberShare[]>;
  /** Takes what it is given. The session goes on meanwhile; nothing else is given before it returns. */
  take(share: Uint8Array, generation: number): Promise<void>;
  /** The group has given this member up, so that others may do its work. */
  lose(reason: BrokerError): Promise<void>;
}

const HEARTBEATS_PER_SESSION = 3;
/** Kafka's `heartbeat.interval.ms`: so late at most a member learns that tasks are given out again. */
const HEARTBEAT_MS = 3000;
const LEAST_RETRY_MS = 100;
const MOST_RETRY_MS = 1000;

/**
 * The membership of one member in a consumer group, by Kafka's classic protocol: it joins, takes its share, says that
 * it is alive, and joins again when the group or the member itself wants that. What is shared it does not know. While
 * others are waited for the member goes on with what it has (KIP-429).
 */
export class GroupSession {
  readonly #options: SessionOptions;
  readonly #requests: GroupRequests;
  readonly #handler: SessionHandler;
  readonly #clock: WaitClock;
  readonly #closing = new AbortController();
  /** Aborted to end a pause. */
  #pause = new AbortController();
  #memberId = '';
  #generation = -1;
  #isStable = false;
  #wantsToJoin = false;
  /** When the coordinator was last asked something that it answered as to a member. */
  #confirmedMs = Number.NEGATIVE_INFINITY;
  #stable = Promise.withResolvers<void>();
  readonly #works = new Set<Promise<unknown>>();
  #running: Promise<void> = Promise.resolve();
  #ended: BrokerError | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: SessionOptions, requests: GroupRequests, handler: SessionHandler, clock: WaitClock) {
    this.#options = options;
    this.#requests = requests;
    this.#handler = handler;
    this.#clock = clock;
  }

  /** Begins; the handler is told of what comes. */
  start(): void {
    this.#running = this.#run();
  }

  get memberId(): string {
    return this.#memberId;
  }

  /** Whether it is certain at this moment that the coordinator has not given the member up. */
  get isCertain(): boolean {
    return this.#ended === undefined && this.#clock.nowMs() - this.#confirmedMs < this.#options.sessionTimeoutMs;
  }

  /** Why the membership is over, if it is. */
  get ended(): BrokerError | undefined {
    return this.#ended;
  }

  /**
   * Runs something that is bound to the generation, such as a commit: it waits until the member has its share, and the
   * member joins no other generation before it is done.
   * @throws BrokerError when the membership is over
   */
  async during<T>(work: (member: GroupMetadata) => Promise<T>): Promise<T> {
    while (!this.#isStable) {
      if (this.#ended !== undefined) throw this.#ended;
      await this.#stable.promise;
    }
    const working = work(this.#metadata());
    this.#works.add(working);
    try {
      return await working;
    } finally {
      this.#works.delete(working);
    }
  }

  /** Asks for the work to be given out again. */
  rejoin(): void {
    this.#wantsToJoin = true;
    this.#pause.abort();
  }

  /** Leaves the group, unless the member is a static one, which is expected back. Work that runs is waited for. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#pause.abort();
    this.#end(new BrokerError(`Consumer group '${this.#options.group}' was left.`, 'closed'));
    await Promise.allSettled(this.#works);
    if (this.#memberId !== '' && this.#options.instanceId === undefined)
      await this.#requests.leave(this.#metadata()).catch(() => undefined);
    this.#requests.close();
    await this.#running;
  }

  #metadata(): GroupMetadata {
    const { group, instanceId } = this.#options;
    return { group, instanceId, memberId: this.#memberId, generation: this.#generation };
  }

  async #run(): Promise<void> {
    let retryMs = LEAST_RETRY_MS;
    while (this.#ended === undefined) {
      try {
        const share = await this.#join();
        if (share !== undefined) {
          retryMs = LEAST_RETRY_MS;
          await this.#stay(this.#handler.take(share, this.#generation));
          continue;
        }
      } catch (error) {
        if (!(error instanceof BrokerError && error.code === 'unreachable')) await this.#giveUp(error);
      }
      await this.#clock.sleep(retryMs, this.#closing.signal);
      retryMs = Math.min(retryMs * 2, MOST_RETRY_MS);
    }
  }

  #about(): string {
    return `Consumer group '${this.#options.group}'`;
  }

  #end(reason: BrokerError): void {
    this.#ended ??= reason;
    this.#isStable = false;
    this.#stable.resolve();
  }

  /** Ends it: a setting or a right is wrong, which trying again does not mend. */
  async #giveUp(error: unknown): Promise<void> {
    if (this.#ended !== undefined) return;
    const message = `${this.#about()}: ${(error as Error).message}`;
    const reason = error instanceof BrokerError ? error : new BrokerError(message, 'other', { cause: error });
    this.#end(reason);
    await this.#handler.lose(reason);
  }

  /** @returns what this member is given; undefined when it is to be tried again, after a pause */
  async #join(): Promise<Uint8Array | undefined> {
    this.#isStable = false;
    this.#stable.resolve();
    this.#stable = Promise.withResolvers();
    await Promise.allSettled(this.#works);
    this.#wantsToJoin = false;
    const joined = await this.#requests.join({
      ...this.#options,
      memberId: this.#memberId,
      description: this.#handler.describe(),
    });
    if (this.#ended !== undefined) {
      // It became a member while it was leaving.
      this.#memberId = joined.memberId || this.#memberId;
      return undefined;
    }
    if (joined.code === KAFKA_ERROR.memberIdRequired) {
      this.#memberId = joined.memberId;
      return this.#join();
    }
    if (joined.code !== KAFKA_ERROR.none) {
      await this.#onRefusal(joined.code);
      return undefined;
    }
    this.#memberId = joined.memberId;
    this.#generation = joined.generation;
    const isLeader = joined.leader === joined.memberId;
    const shares = isLeader ? await this.#handler.share(joined.members) : [];
    const askedMs = this.#clock.nowMs();
    const { code, share } = await this.#requests.sync(this.#metadata(), shares);
    if (code !== KAFKA_ERROR.none) {
      await this.#onRefusal(code);
      return undefined;
    }
    if (this.#ended !== undefined) return undefined;
    this.#confirmedMs = askedMs;
    this.#isStable = true;
    this.#stable.resolve();
    return share;
  }

  /** Says that it is alive until it is to join again, which it does not before it has taken what it was given. */
  async #stay(taking: Promise<void>): Promise<void> {
    let hasTaken = false;
    const taken = taking.finally(() => {
      hasTaken = true;
      this.#pause.abort();
    });
    taken.catch(() => undefined);
    while (this.#ended === undefined && !(hasTaken && this.#wantsToJoin)) {
      const code = await this.#beat();
      if (code === KAFKA_ERROR.rebalanceInProgress) this.#wantsToJoin = true;
      else if (code !== KAFKA_ERROR.none && !isRetriable(code)) {
        await taken;
        return this.#onRefusal(code);
      }
    }
    await taken;
  }

  /** Pauses, and says that it is alive. Gives the answer's code. */
  async #beat(): Promise<number> {
    this.#pause = new AbortController();
    const { sessionTimeoutMs, heartbeatIntervalMs } = this.#options;
    const intervalMs = Math.min(sessionTimeoutMs / HEARTBEATS_PER_SESSION, HEARTBEAT_MS);
    await this.#clock.sleep(heartbeatIntervalMs ?? intervalMs, this.#pause.signal);
    if (this.#pause.signal.aborted) return KAFKA_ERROR.none;
    const askedMs = this.#clock.nowMs();
    try {
      const code = await this.#requests.heartbeat(this.#metadata());
      if (code === KAFKA_ERROR.none || code === KAFKA_ERROR.rebalanceInProgress) this.#confirmedMs = askedMs;
      return code;
    } catch (error) {
      if (!(error instanceof BrokerError && error.code === 'unreachable')) throw error;
      await this.#clock.sleep(LEAST_RETRY_MS, this.#closing.signal);
      return KAFKA_ERROR.coordinatorNotAvailable;
    }
  }

  async #onRefusal(code: number): Promise<void> {
    switch (code) {
      case KAFKA_ERROR.rebalanceInProgress:
        return;
      case KAFKA_ERROR.unknownMemberId:
        this.#memberId = '';
        return this.#lose(code);
      case KAFKA_ERROR.illegalGeneration:
        return this.#lose(code);
      default:
        if (!isRetriable(code)) throw kafkaError(code, this.#about());
    }
  }

  async #lose(code: number): Promise<void> {
    const hadShare = this.#generation >= 0;
    this.#generation = -1;
    this.#confirmedMs = Number.NEGATIVE_INFINITY;
    this.#isStable = false;
    if (!hadShare || this.#ended !== undefined) return;
    await this.#handler.lose(
      new BrokerError(`${kafkaError(code, this.#about()).message} This member was not heard of for too long.`, 'other'),
    );
  }
}
