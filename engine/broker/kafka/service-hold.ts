import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerError, type ServiceHold } from '../broker.ts';
import { nameInService } from '../service-names.ts';
import { isCoordinatorBusy, KAFKA_ERROR, kafkaError } from './broker-errors.ts';
import type { BrokerConnection, KafkaCluster } from './cluster.ts';
import {
  describeGroupRequest,
  heartbeatRequest,
  type Joined,
  joinGroupRequest,
  leaveGroupRequest,
  syncGroupRequest,
} from './group-messages.ts';
import { engineSessionMs, whileInTheWay } from './in-the-way.ts';
import type { KafkaRequest } from './wire.ts';

const HEARTBEATS_PER_SESSION = 4;
const RETRY_MS = 500;
/** The protocol that members of such groups have in common; it is ours, so that no consumer takes part by mistake. */
const PROTOCOL_TYPE = 'ksql-engine';
const PROTOCOL = 'one';
/** How often a coordinator is asked again that is not where it was, or not ready. */
const ATTEMPTS = 20;
/** A group without members moves on by one generation when the last one is gone, and by one when the next one comes. */
const GENERATIONS_OF_A_RETURN = 2;

/**
 * The right to run the queries of a service, as the leadership of a consumer group whose coordinator sees to it that
 * there is one leader, and that a leader that died is gone after a while. Who finds another engine there waits for that
 * long, and is refused.
 */
export class KafkaServiceHold implements ServiceHold {
  readonly #cluster: KafkaCluster;
  readonly #serviceId: string;
  readonly #group: string;
  readonly #description: string;
  readonly #sessionTimeoutMs: number;
  readonly #closing = new AbortController();
  #connection: Promise<BrokerConnection> | undefined;
  #memberId = '';
  #generation = -1;
  /** When the coordinator was last asked something that it answered as to the one who holds the group. */
  #confirmedMs = 0;
  #confirmed = Promise.withResolvers<void>();
  #lost: BrokerError | undefined;
  #beating: Promise<void> | undefined;

  private constructor(cluster: KafkaCluster, serviceId: string, description: string) {
    this.#cluster = cluster;
    this.#serviceId = serviceId;
    this.#group = nameInService(serviceId, 'engine');
    this.#description = description;
    this.#sessionTimeoutMs = engineSessionMs(cluster.settings);
    this.#confirmed.promise.catch(() => undefined);
  }

  /**
   * @param description how this engine is called to others that want the same
   * @param onWait told who is in the way, before it is waited whether that engine is gone
   * @throws BrokerError when another engine has the service
   */
  static async acquire(
    cluster: KafkaCluster,
    serviceId: string,
    description: string,
    onWait: (notice: string) => void,
  ): Promise<KafkaServiceHold> {
    const hold = new KafkaServiceHold(cluster, serviceId, description);
    try {
      await hold.#acquire(onWait);
    } catch (error) {
      await hold.release();
      throw error;
    }
    hold.#beating = hold.#beat();
    return hold;
  }

  /**
   * Waits until no engine has the service for itself.
   * @param onWait told who is in the way, before it is waited whether that engine is gone
   * @throws BrokerError when there is one all the same
   */
  static async whenFree(cluster: KafkaCluster, serviceId: string, onWait: (notice: string) => void): Promise<void> {
    const hold = new KafkaServiceHold(cluster, serviceId, '');
    try {
      await hold.#whileOther(onWait, async () => true);
    } finally {
      await hold.release();
    }
  }

  get isHeld(): boolean {
    return this.#lost === undefined && Date.now() - this.#confirmedMs < this.#sessionTimeoutMs;
  }

  async whenHeld(): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost;
    if (!this.isHeld) await this.#confirmed.promise;
  }

  /** Lets another engine have the service at once. */
  async release(): Promise<void> {
    this.#closing.abort();
    await this.#beating;
    if (this.#memberId !== '')
      await this.#ask(leaveGroupRequest({ group: this.#group, memberId: this.#memberId })).catch(() => undefined);
    (await this.#connection?.catch(() => undefined))?.close();
    this.#connection = undefined;
    this.#confirmed.resolve();
  }

  get #heartbeatMs(): number {
    return this.#sessionTimeoutMs / HEARTBEATS_PER_SESSION;
  }

  #acquire(onWait: (notice: string) => void): Promise<void> {
    return this.#whileOther(onWait, () => this.#join());
  }

  /** Waits while another engine has the service, and then until something has come of it that nobody has it. */
  async #whileOther(onWait: (notice: string) => void, take: () => Promise<boolean>): Promise<void> {
    const other = await whileInTheWay(
      async () => {
        const found = await this.#otherHolder();
        return found === undefined && (await take()) ? undefined : (found ?? '');
      },
      this.#sessionTimeoutMs + this.#heartbeatMs,
      (found) => {
        const whose = found || 'one that is just starting';
        onWait(
          `Another engine has service id ${this.#serviceId}: ${whose}. Waiting up to ${this.#sessionTimeoutMs / 1000} s whether it is gone.`,
        );
      },
    );
    if (other === undefined) return;
    throw new BrokerError(
      `Another engine runs the queries of service id ${this.#serviceId} on this Kafka: ${other || 'it has not said where'}. Two would write every row twice. Stop that one, or give this one an id of its own (--service-id, or the property ksql.service.id).`,
      'other',
    );
  }

  /** What the engine that has the group says of itself; undefined when none has it. */
  async #otherHolder(): Promise<string | undefined> {
    const { code, members } = await this.#ask(describeGroupRequest(this.#group));
    if (code !== KAFKA_ERROR.none) throw kafkaError(code, `Consumer group '${this.#group}'`);
    return members.find(({ memberId }) => memberId !== this.#memberId)?.description.toString();
  }

  /**
   * @param accepts whether a generation may be led, decided before anything goes on because of it
   * @returns whether this engine leads the group now; else it is no member any more
   */
  async #join(accepts: (generation: number) => boolean = () => true): Promise<boolean> {
    const askedMs = Date.now();
    const joined = await this.#ask(
      joinGroupRequest({
        group: this.#group,
        memberId: this.#memberId,
        description: Buffer.from(this.#description),
        sessionTimeoutMs: this.#sessionTimeoutMs,
        rebalanceTimeoutMs: this.#sessionTimeoutMs,
        protocolType: PROTOCOL_TYPE,
        protocol: PROTOCOL,
      }),
    );
    if (joined.code === KAFKA_ERROR.memberIdRequired) {
      this.#memberId = joined.memberId;
      return this.#join(accepts);
    }
    if (joined.code !== KAFKA_ERROR.none) return this.#notJoined(joined.code);
    const leads = joined.leader === joined.memberId && accepts(joined.generation);
    if (leads && (await this.#lead(joined))) {
      this.#confirm(askedMs);
      return true;
    }
    this.#memberId = '';
    await this.#ask(leaveGroupRequest({ group: this.#group, memberId: joined.memberId }));
    return false;
  }

  async #lead({ generation, memberId, members }: Joined): Promise<boolean> {
    const shares = members.map((member) => ({ memberId: member.memberId, share: new Uint8Array() }));
    const { code } = await this.#ask(syncGroupRequest({ group: this.#group, generation, memberId }, shares));
    if (code !== KAFKA_ERROR.none && code !== KAFKA_ERROR.rebalanceInProgress) return this.#notJoined(code);
    this.#memberId = memberId;
    this.#generation = generation;
    return true;
  }

  #notJoined(code: number): false {
    if (code !== KAFKA_ERROR.unknownMemberId && code !== KAFKA_ERROR.illegalGeneration)
      throw kafkaError(code, `Joining consumer group '${this.#group}'`);
    this.#memberId = '';
    return false;
  }

  #confirm(sinceMs: number): void {
    this.#confirmedMs = sinceMs;
    this.#confirmed.resolve();
    this.#confirmed = Promise.withResolvers();
    this.#confirmed.promise.catch(() => undefined);
  }

  async #beat(): Promise<void> {
    const { signal } = this.#closing;
    const pause = (ms: number) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
    await pause(this.#heartbeatMs);
    while (!signal.aborted && this.#lost === undefined) {
      try {
        await this.#heartbeat();
        await pause(this.#heartbeatMs);
      } catch {
        // The coordinator is gone or not ready: until it answers again, `isHeld` tells by the time.
        await pause(RETRY_MS);
      }
    }
  }

  async #heartbeat(): Promise<void> {
    const askedMs = Date.now();
    const code = await this.#ask(
      heartbeatRequest({ group: this.#group, generation: this.#generation, memberId: this.#memberId }),
    );
    switch (code) {
      case KAFKA_ERROR.none:
        return this.#confirm(askedMs);
      case KAFKA_ERROR.rebalanceInProgress:
        // Another engine is knocking. Who leads goes on leading, if it answers in time.
        return (await this.#join()) ? undefined : this.#comeBack();
      case KAFKA_ERROR.unknownMemberId:
      case KAFKA_ERROR.illegalGeneration:
        return this.#comeBack();
      default:
        throw kafkaError(code, `Consumer group '${this.#group}'`);
    }
  }

  /**
   * The process stood still for longer than a session. It goes on if nobody was there meanwhile: the generations tell.
   */
  async #comeBack(): Promise<void> {
    const before = this.#generation;
    this.#memberId = '';
    const other = await this.#otherHolder();
    const isNext = (generation: number) => generation > before && generation <= before + GENERATIONS_OF_A_RETURN;
    if (other !== undefined || !(await this.#join(isNext))) this.#lose();
  }

  #lose(): void {
    this.#confirmedMs = 0;
    this.#lost = new BrokerError(
      `This engine was not heard of for ${this.#sessionTimeoutMs / 1000} s, and another one with service id ${this.#serviceId} may have run its queries since. It stops rather than write rows twice: start it again.`,
      'other',
    );
    this.#confirmed.reject(this.#lost);
  }

  /** Over a connection of its own: a broker answers in order, and joining may take long. */
  async #ask<T>(request: KafkaRequest<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      this.#connection ??= this.#cluster
        .coordinator({ kind: 'group', id: this.#group })
        .then((address) => this.#cluster.openConnection(address));
      try {
        const answer = await (await this.#connection).send(request);
        const code = typeof answer === 'number' ? answer : (answer as { code?: number }).code;
        if (code === undefined || !isCoordinatorBusy(code) || attempt === ATTEMPTS) return answer;
      } catch (error) {
        await this.#reconnect();
        throw error;
      }
      await this.#reconnect();
      await sleep(RETRY_MS);
    }
  }

  async #reconnect(): Promise<void> {
    this.#cluster.forgetCoordinator({ kind: 'group', id: this.#group });
    const connection = this.#connection;
    this.#connection = undefined;
    (await connection?.catch(() => undefined))?.close();
  }
}
