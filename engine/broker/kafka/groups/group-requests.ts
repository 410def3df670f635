import type { CommitPosition, GroupMetadata, TopicPartition } from '../../broker.ts';
import type { GroupOffsets, Joined, JoinOptions, MemberShare, Synced } from '../group-messages.ts';

/** What a member says of itself when it joins; all are consumers that share their work the same way. */
export type JoinRequest = Omit<JoinOptions, 'protocolType' | 'protocol'>;

/**
 * What a member asks the coordinator of its group, an answer for each question. Codes are those of Kafka's protocol.
 * Each may throw BrokerError: `unreachable` where the question may be asked again.
 */
export interface GroupRequests {
  /** Is answered when all members have joined, or were waited for long enough. */
  join(request: JoinRequest): Promise<Joined>;
  /** Ends a round of joining. The leader brings what everybody gets; the others wait for it. */
  sync(member: GroupMetadata, shares: readonly MemberShare[]): Promise<Synced>;
  heartbeat(member: GroupMetadata): Promise<number>;
  leave(member: GroupMetadata): Promise<number>;
  commit(member: GroupMetadata, positions: readonly CommitPosition[]): Promise<number>;
  /** Offsets that no open transaction is about to change; else the code says so (KIP-447). */
  committed(group: string, partitions: readonly TopicPartition[]): Promise<GroupOffsets>;
  close(): void;
}
