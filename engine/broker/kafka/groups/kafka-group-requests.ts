import type { CommitPosition, GroupMetadata, TopicPartition } from '../../broker.ts';
import { isCoordinatorBusy } from '../broker-errors.ts';
import type { BrokerConnection, KafkaCluster } from '../cluster.ts';
import {
  type GroupOffsets,
  heartbeatRequest,
  type Joined,
  joinGroupRequest,
  leaveGroupRequest,
  type MemberShare,
  memberCommitRequest,
  type Synced,
  stableOffsetsRequest,
  syncGroupRequest,
} from '../group-messages.ts';
import type { CoordinatorKey } from '../requests.ts';
import type { KafkaRequest } from '../wire.ts';
import type { GroupRequests, JoinRequest } from './group-requests.ts';

/** What all members of a group must be to share it; tools know consumers. */
const PROTOCOL_TYPE = 'consumer';
const PROTOCOL = 'ksql-tasks';

/**
 * A member's questions, to the coordinator of its group. A broker answers one question of a connection after the other,
 * so waiting for the others to join goes over a connection of its own, and signs of life never stand behind records.
 */
export class KafkaGroupRequests implements GroupRequests {
  readonly #cluster: KafkaCluster;
  readonly #key: CoordinatorKey;
  readonly #joining: CoordinatorConnection;
  readonly #beating: CoordinatorConnection;

  constructor(cluster: KafkaCluster, group: string) {
    this.#cluster = cluster;
    this.#key = { kind: 'group', id: group };
    this.#joining = new CoordinatorConnection(cluster, this.#key);
    this.#beating = new CoordinatorConnection(cluster, this.#key);
  }

  join(request: JoinRequest): Promise<Joined> {
    const options = { ...request, protocolType: PROTOCOL_TYPE, protocol: PROTOCOL };
    return this.#joining.ask(joinGroupRequest(options), ({ code }) => code);
  }

  sync(member: GroupMetadata, shares: readonly MemberShare[]): Promise<Synced> {
    return this.#joining.ask(syncGroupRequest(member, shares), ({ code }) => code);
  }

  heartbeat(member: GroupMetadata): Promise<number> {
    return this.#beating.ask(heartbeatRequest(member), (code) => code);
  }

  leave(member: GroupMetadata): Promise<number> {
    return this.#beating.ask(leaveGroupRequest(member), (code) => code);
  }

  commit(member: GroupMetadata, positions: readonly CommitPosition[]): Promise<number> {
    return this.#cluster.askCoordinator(this.#key, memberCommitRequest(member, positions), (code) => code);
  }

  committed(group: string, partitions: readonly TopicPartition[]): Promise<GroupOffsets> {
    return this.#cluster.askCoordinator(this.#key, stableOffsetsRequest(group, partitions), ({ code }) => code);
  }

  close(): void {
    this.#joining.close();
    this.#beating.close();
  }
}

/** A connection to wherever the coordinator is; who asks tries again. */
class CoordinatorConnection {
  readonly #cluster: KafkaCluster;
  readonly #key: CoordinatorKey;
  #connection: Promise<BrokerConnection> | undefined;

  constructor(cluster: KafkaCluster, key: CoordinatorKey) {
    this.#cluster = cluster;
    this.#key = key;
  }

  async ask<T>(request: KafkaRequest<T>, codeOf: (answer: T) => number): Promise<T> {
    this.#connection ??= this.#open();
    const opening = this.#connection;
    try {
      const answer = await (await opening).send(request);
      if (isCoordinatorBusy(codeOf(answer))) this.#drop(opening);
      return answer;
    } catch (error) {
      this.#drop(opening);
      throw error;
    }
  }

  close(): void {
    if (this.#connection !== undefined) this.#drop(this.#connection);
  }

  async #open(): Promise<BrokerConnection> {
    return this.#cluster.openConnection(await this.#cluster.coordinator(this.#key));
  }

  /** The next question finds out where the coordinator is. */
  #drop(opening: Promise<BrokerConnection>): void {
    if (this.#connection !== opening) return;
    this.#connection = undefined;
    this.#cluster.forgetCoordinator(this.#key);
    void opening.then(
      (connection) => connection.close(),
      () => undefined,
    );
  }
}
