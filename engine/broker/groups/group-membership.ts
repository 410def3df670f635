import type { CommitPosition, GroupMetadata, TopicPartition } from '../positions.ts';
import type { AssignmentOptions, GroupTask, MemberTasks } from './assign-tasks.ts';

export interface GroupMemberOptions {
  readonly group: string;
  /** An id of the process, by which others know it. */
  readonly process: string;
  /** How many tasks it does side by side: its threads. */
  readonly capacity: number;
  /** Where its engine is reached, for those who are asked for what it has. */
  readonly endpoint?: string | undefined;
  /** `group.instance.id` of a static member, which may be away for a session without losing its place. */
  readonly instanceId?: string | undefined;
  /** After so long without a sign of life a member is gone; 10 s. */
  readonly sessionTimeoutMs?: number | undefined;
  /** How often it says that it is alive (`heartbeat.interval.ms`); a third of the session, and at most 3 s. */
  readonly heartbeatIntervalMs?: number | undefined;
  /** How long members are waited for that have something to give up; 60 s. */
  readonly rebalanceTimeoutMs?: number | undefined;
  /** When it is looked again whether what was to be restored is (`probing.rebalance.interval.ms`); 10 min. */
  readonly probingIntervalMs?: number | undefined;
  readonly assignment?: Partial<AssignmentOptions> | undefined;
}

/** What a member has from now on. */
export interface TaskChange {
  /** All tasks that it does; those that it has just been given are in `added`, too. */
  readonly active: readonly string[];
  readonly added: readonly string[];
  /** All tasks whose state it keeps up to date, to be ready for them. */
  readonly standby: readonly string[];
  /** What all members have, this one included. */
  readonly placements: readonly Placement[];
}

/** What is asked and told by a membership, one call after the other. A call that fails ends the membership. */
export interface GroupCallbacks {
  /** All tasks that are to be done, as this member knows them. It calls `rejoin` when they change. */
  tasks(): readonly GroupTask[];
  /** How far the state that it has of tasks is behind the changelogs, in records, by the tasks' ids. */
  lags(): Readonly<Record<string, number>>;
  /** Tasks go to others, after this returns: what they have done is to be committed in it. */
  revoked(tasks: readonly string[]): Promise<void>;
  /** It is told of everything that it has, at each assignment and after `revoked`. */
  assigned(change: TaskChange): Promise<void>;
  /**
   * The group has given the member up: others may do these tasks already, so nothing can be committed. It joins again
   * by itself, unless `isOver`, when a setting or a right is wrong.
   */
  lost(tasks: readonly string[], reason: Error, isOver: boolean): Promise<void>;
}

/** Where the tasks of a group are. */
export interface Placement extends MemberTasks {
  readonly memberId: string;
  readonly process: string;
  readonly endpoint?: string | undefined;
}

/**
 * A member of a group that shares tasks: it has those that the leader gives it, one of them leads, and a rebalance
 * moves only what must move while everything else goes on (KIP-429).
 */
export interface GroupMembership {
  readonly memberId: string;
  /**
   * Whether it is certain at this moment that the group has not given the member up, as it does with one that was not
   * heard of for the session timeout, which may not know of it yet.
   */
  readonly isCertain: boolean;
  /** The tasks that it does. */
  readonly active: readonly string[];
  /** What all members had when tasks were last given out. */
  readonly placements: readonly Placement[];
  /**
   * Runs something that is bound to the generation, such as a transaction's commit: it waits while tasks are being
   * given out, and the member joins no other generation before it is done. Whether a task is still its own is to be
   * looked at inside `work`. Not to be called in `lost`.
   * @throws BrokerError when the membership is over
   */
  during<T>(work: (member: GroupMetadata) => Promise<T>): Promise<T>;
  /**
   * Commits offsets.
   * @param isWanted looked at where nothing comes between it and the request: whether the tasks are still its own
   * @throws BrokerError when the group has given the member up, the membership is over, or it is not wanted any more
   */
  commit(positions: readonly CommitPosition[], isWanted?: () => boolean): Promise<void>;
  /**
   * The group's committed offsets; while a transaction may change them it is waited for.
   * @returns those that there are
   * @throws BrokerError
   */
  committed(partitions: readonly TopicPartition[]): Promise<readonly Required<CommitPosition>[]>;
  /** Has the tasks given out again: there are others, or state has been restored. */
  rejoin(): void;
  /** Leaves; its tasks go to the others. Commit before: nothing is told of them any more. */
  close(): Promise<void>;
}
