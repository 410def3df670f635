import type { TopicPartition } from '../positions.ts';

/** A piece of work that one member of a group at a time does. */
export interface GroupTask {
  readonly id: string;
  /** What it is a part of; its parts are spread over the members, so that a busy query keeps all of them busy. */
  readonly family: string;
  /** Whether there is state that has to be restored before it can go on elsewhere. */
  readonly isStateful: boolean;
  /** What it reads. */
  readonly inputs: readonly TopicPartition[];
}

/** What is known of a member when tasks are given out. */
export interface GroupCandidate {
  readonly memberId: string;
  /** How many tasks it can do side by side: its threads. */
  readonly capacity: number;
  /** The tasks that it does now, as far as nobody newer does them. */
  readonly active: readonly string[];
  /** Of each task whose state it has: how many records that state is behind the changelog. */
  readonly lags: ReadonlyMap<string, number>;
}

export interface AssignmentOptions {
  /** Members besides the active one that keep a task's state (`num.standby.replicas`). */
  readonly standbys: number;
  /** State that is no further behind counts as restored (`acceptable.recovery.lag`). */
  readonly acceptableLag: number;
  /** So many at a time are restored where they shall be, while they go on where they are (`max.warmup.replicas`). */
  readonly warmups: number;
}

/** The defaults of Kafka Streams. */
export const ASSIGNMENT_DEFAULTS: AssignmentOptions = { standbys: 0, acceptableLag: 10_000, warmups: 2 };

export interface MemberTasks {
  readonly active: readonly string[];
  readonly standby: readonly string[];
}

export interface GroupAssignment {
  readonly members: ReadonlyMap<string, MemberTasks>;
  /** Whether tasks are being restored where they shall be, so that tasks are to be given out again after a while. */
  readonly isWarmingUp: boolean;
}

class Member {
  readonly id: string;
  readonly capacity: number;
  readonly owned: ReadonlySet<string>;
  readonly lags: ReadonlyMap<string, number>;
  readonly active = new Set<string>();
  readonly standby = new Set<string>();
  readonly families = new Map<string, number>();
  quota = 0;

  constructor({ memberId, capacity, active, lags }: GroupCandidate) {
    this.id = memberId;
    this.capacity = Math.max(1, capacity);
    this.owned = new Set(active);
    this.lags = lags;
  }

  ofFamily(task: GroupTask): number {
    return this.families.get(task.family) ?? 0;
  }

  give(task: GroupTask): void {
    this.active.add(task.id);
    this.families.set(task.family, this.ofFamily(task) + 1);
  }

  take(task: GroupTask): void {
    this.active.delete(task.id);
    this.families.set(task.family, this.ofFamily(task) - 1);
  }

  /** How many records it would have to restore before it could do a task. */
  lagOf(task: GroupTask): number {
    if (!task.isStateful || this.owned.has(task.id)) return 0;
    return this.lags.get(task.id) ?? Number.POSITIVE_INFINITY;
  }
}

/**
 * Gives the tasks of a group to its members, as Kafka Streams' HighAvailabilityTaskAssignor does (KIP-441), simplified:
 * in proportion to their threads, each task where it is if that is fair, else where its state is, with standbys
 * elsewhere. A task whose state is not where it ought to be stays where the state is until it has been restored there.
 * The same input gives the same result, in whatever order it comes.
 */
export function assignTasks(
  tasks: readonly GroupTask[],
  candidates: readonly GroupCandidate[],
  options: AssignmentOptions = ASSIGNMENT_DEFAULTS,
): GroupAssignment {
  const members = [...candidates].sort((a, b) => compare(a.memberId, b.memberId)).map((each) => new Member(each));
  const ordered = [...tasks].sort((a, b) => compare(a.family, b.family) || compare(a.id, b.id));
  let isWarmingUp = false;
  if (members.length > 0) {
    setQuotas(ordered, members);
    placeActive(ordered, members);
    isWarmingUp = holdUnrestored(ordered, members, options);
    placeStandbys(ordered, members, options.standbys);
  }
  return {
    members: new Map(members.map(({ id, active, standby }) => [id, { active: [...active], standby: [...standby] }])),
    isWarmingUp,
  };
}

/**
 * Leaves out what another member does yet: it is asked to give it up first, and says that it has by joining again
 * (KIP-429). Who shall have it keeps its state meanwhile.
 * @param owners who does a task now, by its id
 */
export function withholdOwned(
  members: ReadonlyMap<string, MemberTasks>,
  owners: ReadonlyMap<string, string>,
): Map<string, MemberTasks> {
  return new Map(
    [...members].map(([memberId, { active, standby }]) => {
      const isFree = (id: string) => (owners.get(id) ?? memberId) === memberId;
      const withheld = active.filter((id) => !isFree(id));
      return [memberId, { active: active.filter(isFree), standby: [...standby, ...withheld] }];
    }),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The member for which a measure is least; of several, the first. */
function least(members: readonly Member[], measures: readonly ((member: Member) => number)[]): Member | undefined {
  let best: Member | undefined;
  for (const member of members) {
    if (best === undefined) {
      best = member;
      continue;
    }
    for (const measure of measures) {
      const [one, other] = [measure(member), measure(best)];
      if (one === other) continue;
      if (one < other) best = member;
      break;
    }
  }
  return best;
}

/**
 * How many tasks each member shall have: one after the other to the one that has least to do for its threads, and where
 * that are several, to who has more already, since then less has to move.
 */
function setQuotas(tasks: readonly GroupTask[], members: readonly Member[]): void {
  const ids = new Set(tasks.map(({ id }) => id));
  const kept = new Map(members.map((member) => [member, [...member.owned].filter((id) => ids.has(id)).length]));
  for (let n = 0; n < tasks.length; n++) {
    const next = least(members, [
      (member) => (member.quota + 1) / member.capacity,
      (member) => (kept.get(member)! > member.quota ? 0 : 1),
    ]);
    next!.quota++;
  }
}

function placeActive(tasks: readonly GroupTask[], members: readonly Member[]): void {
  const homeless: GroupTask[] = [];
  for (const task of tasks) {
    const owner = members.find(({ owned }) => owned.has(task.id));
    if (owner === undefined) homeless.push(task);
    else owner.give(task);
  }
  for (const member of members) giveUp(tasks, member, homeless);
  for (const task of homeless) {
    const free = members.filter((member) => member.active.size < member.quota);
    const target = least(free, [
      (member) => member.lagOf(task),
      (member) => member.ofFamily(task) / member.capacity,
      (member) => member.active.size / member.capacity,
    ]);
    target!.give(task);
  }
}

/** Takes from a member what it has too much: of those families of which it has most, of the one given up least. */
function giveUp(tasks: readonly GroupTask[], member: Member, homeless: GroupTask[]): void {
  const own = tasks.filter(({ id }) => member.active.has(id));
  const given = new Map<string, number>();
  for (const { family } of homeless) given.set(family, (given.get(family) ?? 0) + 1);
  while (member.active.size > member.quota) {
    let most: GroupTask | undefined;
    for (const task of own) {
      if (!member.active.has(task.id)) continue;
      const more = most === undefined ? 1 : member.ofFamily(task) - member.ofFamily(most);
      const rarer = most === undefined ? 1 : (given.get(most.family) ?? 0) - (given.get(task.family) ?? 0);
      if (more > 0 || (more === 0 && rarer >= 0)) most = task;
    }
    member.take(most!);
    given.set(most!.family, (given.get(most!.family) ?? 0) + 1);
    homeless.push(most!);
  }
}

/**
 * Leaves tasks with state where they can go on at once, and lets the members that shall have them restore it meanwhile.
 * @returns whether there is any
 */
function holdUnrestored(
  tasks: readonly GroupTask[],
  members: readonly Member[],
  { acceptableLag, warmups }: AssignmentOptions,
): boolean {
  let held = 0;
  for (const task of tasks) {
    if (!task.isStateful) continue;
    const target = members.find(({ active }) => active.has(task.id))!;
    if (target.lagOf(task) <= acceptableLag) continue;
    const ready = members.filter((member) => member.lagOf(task) <= acceptableLag);
    const holder = least(ready, [
      (member) => (member.owned.has(task.id) ? 0 : 1),
      (member) => member.lagOf(task),
      (member) => member.active.size / member.capacity,
    ]);
    if (holder === undefined) continue;
    target.take(task);
    holder.give(task);
    if (held < warmups) target.standby.add(task.id);
    held++;
  }
  return held > 0;
}

/** Keeps state where it is kept, if no other member has much less to keep. */
function placeStandbys(tasks: readonly GroupTask[], members: readonly Member[], standbys: number): void {
  const stateful = tasks.filter((task) => task.isStateful);
  const share = (stateful.length * Math.min(standbys, members.length - 1)) / sum(members.map((each) => each.capacity));
  for (let replica = 0; replica < Math.min(standbys, members.length - 1); replica++) {
    for (const task of stateful) {
      const free = members.filter(({ active, standby }) => !active.has(task.id) && !standby.has(task.id));
      const load = (member: Member) => (member.standby.size + 1) / member.capacity;
      const target = least(free, [
        (member) => (load(member) > Math.ceil(share) + 1 ? 1 : 0),
        (member) => (member.lags.has(task.id) || member.owned.has(task.id) ? member.lagOf(task) : Number.MAX_VALUE),
        load,
      ]);
      // A warm-up may stand where the last free place was.
      target?.standby.add(task.id);
    }
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
