import { expect, test } from 'vitest';
import { Group } from '../../../../engine/broker/listener/groups/group.ts';
import { ERROR } from '../../../../engine/broker/listener/protocol/error-codes.ts';
import type { JoinGroupAnswer } from '../../../../engine/broker/listener/protocol/membership-messages.ts';
import { settled, VirtualTimers } from './virtual-timers.ts';

const SESSION_MS = 10_000;
const REBALANCE_MS = 30_000;

/** A consumer that does as it is told. */
class TestMember {
  readonly #group: Group;
  readonly #instanceId: string | null;
  readonly connection = new AbortController();
  id = '';
  joined: JoinGroupAnswer | undefined;

  constructor(group: Group, instanceId: string | null = null) {
    this.#group = group;
    this.#instanceId = instanceId;
  }

  /** Begins to join; `joined` is set once it has. */
  join(protocols: readonly string[] = ['range'], version = 9): Promise<void> {
    this.joined = undefined;
    const request = {
      groupId: 'g',
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      memberId: this.id,
      groupInstanceId: this.#instanceId,
      protocolType: 'consumer',
      protocols: protocols.map((name) => ({ name, metadata: Buffer.from(`says ${name}`) })),
      reason: null,
    };
    const { signal } = this.connection;
    const client = { id: 'c', host: '127.0.0.1', reachedHost: '', reachedPort: 0, signal };
    void this.#group.join(request, client, version).then((answer) => {
      if (answer.memberId !== '') this.id = answer.memberId;
      if (answer.errorCode === ERROR.memberIdRequired) void this.join(protocols, version);
      else this.joined = answer;
    });
    return settled().then(settled);
  }

  get generationId(): number {
    return this.joined!.generationId!;
  }

  get identity() {
    return { memberId: this.id, generationId: this.generationId, groupInstanceId: this.#instanceId };
  }

  get isLeader(): boolean {
    return this.joined!.leader === this.id;
  }

  sync(assignments: Readonly<Record<string, string>> = {}) {
    return this.#group.sync({
      groupId: 'g',
      ...this.identity,
      protocolType: null,
      protocolName: null,
      assignments: Object.entries(assignments).map(([memberId, text]) => ({ memberId, assignment: Buffer.from(text) })),
    });
  }

  heartbeat(): number {
    return this.#group.heartbeat(this.identity);
  }
}

function newGroup() {
  const timers = new VirtualTimers();
  const group = new Group('g', timers, () => undefined);
  return { timers, group, member: (instanceId?: string) => new TestMember(group, instanceId ?? null) };
}

/** Two members, of which the first shares out. */
async function stableGroup() {
  const { timers, group, member } = newGroup();
  const [a, b] = [member(), member()];
  await a.join();
  await b.join();
  await a.join();
  const shared = Promise.all([b.sync(), a.sync({ [a.id]: 'left', [b.id]: 'right' })]);
  return { timers, group, member, a, b, shared: await shared };
}

const textOf = ({ assignment }: { readonly assignment: Uint8Array }) => Buffer.from(assignment).toString();

test('a member is given an id, joins, and shares out to itself', async () => {
  const { group, member } = newGroup();
  const a = member();
  await a.join(['range', 'sticky']);
  expect(a.joined).toMatchObject({ errorCode: 0, generationId: 1, protocolName: 'range', leader: a.id });
  expect(a.joined!.members).toEqual([{ memberId: a.id, groupInstanceId: null, metadata: Buffer.from('says range') }]);
  expect(textOf(await a.sync({ [a.id]: 'all' }))).toBe('all');
  expect(group.state).toBe('Stable');
  expect(a.heartbeat()).toBe(0);
});

test('who comes second brings the first to join again, and both are told what the leader shared out', async () => {
  const { timers, group, member } = newGroup();
  const [a, b] = [member(), member()];
  await a.join();
  await a.sync({ [a.id]: 'all' });
  await b.join();
  expect(b.joined).toBeUndefined();
  expect(group.state).toBe('PreparingRebalance');
  expect(a.heartbeat()).toBe(ERROR.rebalanceInProgress);
  await a.join();
  expect([a.generationId, b.generationId]).toEqual([2, 2]);
  expect([a.isLeader, b.isLeader]).toEqual([true, false]);
  expect(b.joined!.members).toEqual([]);
  const waiting = b.sync();
  await settled();
  const own = await a.sync({ [a.id]: 'left', [b.id]: 'right' });
  expect([textOf(own), textOf(await waiting)]).toEqual(['left', 'right']);
  await timers.pass(SESSION_MS - 1);
  expect([a.heartbeat(), b.heartbeat()]).toEqual([0, 0]);
});

test('who is not heard of is given up, and the others join without it', async () => {
  const { timers, group, a, b } = await stableGroup();
  await timers.pass(SESSION_MS / 2);
  expect(a.heartbeat()).toBe(0);
  await timers.pass(SESSION_MS / 2 + 1);
  expect(group.state).toBe('PreparingRebalance');
  expect(a.heartbeat()).toBe(ERROR.rebalanceInProgress);
  expect(b.heartbeat()).toBe(ERROR.unknownMemberId);
  await a.join();
  expect(a.joined!.members).toHaveLength(1);
});

test('who does not join again in time is left behind', async () => {
  const { timers, a, b, member } = await stableGroup();
  const c = member();
  await c.join();
  await a.join();
  // It lives, and works on as if nothing were.
  for (let passedMs = 0; passedMs < REBALANCE_MS; passedMs += 5000) {
    expect(b.heartbeat()).toBe(ERROR.rebalanceInProgress);
    await timers.pass(5000);
  }
  expect(c.joined).toMatchObject({ errorCode: 0 });
  expect((a.isLeader ? a : c).joined!.members).toHaveLength(2);
  expect(b.heartbeat()).toBe(ERROR.unknownMemberId);
});

test('who leaves makes room at once', async () => {
  const { group, a, b } = await stableGroup();
  expect(group.leave(a.id, null)).toBe(0);
  await b.join();
  expect(b.isLeader).toBe(true);
  expect(group.leave(b.id, null)).toBe(0);
  expect(group.state).toBe('Empty');
  expect(group.isVacant).toBe(true);
  expect(group.leave(b.id, null)).toBe(ERROR.unknownMemberId);
});

test('one whose connection ends while it waits for others is given up after its session', async () => {
  const { timers, group, a, b, member } = await stableGroup();
  const c = member();
  await c.join();
  c.connection.abort();
  for (let passedMs = 0; passedMs < SESSION_MS; passedMs += 2000) {
    expect([a.heartbeat(), b.heartbeat()]).toEqual([ERROR.rebalanceInProgress, ERROR.rebalanceInProgress]);
    await timers.pass(2000);
  }
  expect(c.joined).toMatchObject({ errorCode: ERROR.unknownMemberId });
  expect(group.members).toHaveLength(2);
});

test('generations and members of before are refused', async () => {
  const { group, a, b } = await stableGroup();
  const old = a.identity;
  await a.join();
  await b.join();
  expect(group.heartbeat(old)).toBe(ERROR.illegalGeneration);
  expect(group.commitFault(old)).toBe(ERROR.illegalGeneration);
  // The leader has yet to share out.
  expect(group.commitFault(a.identity)).toBe(ERROR.rebalanceInProgress);
  expect(group.commitFault({ memberId: '', generationId: -1, groupInstanceId: null })).toBe(ERROR.unknownMemberId);
  expect(group.heartbeat({ ...old, memberId: 'nobody' })).toBe(ERROR.unknownMemberId);
});

test('members agree on what all of them can, and one that can nothing of it is refused', async () => {
  const { member } = newGroup();
  const [a, b, c] = [member(), member(), member()];
  await a.join(['sticky', 'range']);
  await b.join(['range', 'other']);
  await a.join(['sticky', 'range']);
  expect(b.joined).toMatchObject({ errorCode: 0, protocolName: 'range' });
  await c.join(['other']);
  expect(c.joined).toMatchObject({ errorCode: ERROR.inconsistentGroupProtocol });
});

test('an answer to joining that was lost is given again, without a rebalance', async () => {
  const { b } = await stableGroup();
  const before = b.generationId;
  await b.join();
  expect(b.joined).toMatchObject({ errorCode: 0, generationId: before });
  expect(textOf(await b.sync())).toBe('right');
});

test('a static member that is started again keeps its share, and its former self is fenced off', async () => {
  const { group, member } = newGroup();
  const first = member('i');
  await first.join();
  await first.sync({ [first.id]: 'mine' });
  const again = member('i');
  await again.join();
  expect(again.id).not.toBe(first.id);
  expect(again.joined).toMatchObject({ errorCode: 0, generationId: 1, skipAssignment: true, leader: again.id });
  expect(textOf(await again.sync())).toBe('mine');
  expect(first.heartbeat()).toBe(ERROR.fencedInstanceId);
  expect(group.leave('', 'i')).toBe(0);
  expect(group.isVacant).toBe(true);
});

test('older members join without an id, and are told the leader by name', async () => {
  const { member } = newGroup();
  const a = member('i');
  await a.join(['range'], 5);
  expect(a.joined).toMatchObject({ errorCode: 0, leader: a.id });
  await a.sync({ [a.id]: 'mine' });
  const again = member('i');
  await again.join(['range'], 5);
  // Another leader's name keeps it from sharing out anew.
  expect(again.joined).toMatchObject({ errorCode: 0, leader: a.id, members: [] });
  expect(textOf(await again.sync())).toBe('mine');
});

test('whatever members do, in whatever order, all of one generation agree on what they have', async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = randomFrom(seed);
    const { timers, group, member } = newGroup();
    const members = [member(), member(), member(), member('static')];
    for (let step = 0; step < 60; step++) {
      const each = members[Math.floor(random() * members.length)]!;
      const choice = random();
      if (choice < 0.4) await each.join();
      else if (choice < 0.6 && each.joined?.errorCode === 0) {
        const others = each.joined.members ?? [];
        void each.sync(
          Object.fromEntries(others.map(({ memberId }) => [memberId, `${each.generationId} ${memberId}`])),
        );
      } else if (choice < 0.8 && each.joined?.errorCode === 0) each.heartbeat();
      else if (choice < 0.87) group.leave(each.id, null);
      else await timers.pass(random() * 20_000);
      await settled();
      if (group.state === 'Stable')
        for (const { id, assignment } of group.members)
          if (assignment.length > 0) expect(Buffer.from(assignment).toString()).toContain(id.split('-')[0]);
      expect(group.isVacant || group.state !== 'Empty' || group.members.length === 0, `seed ${seed}`).toBe(true);
    }
    // Left to themselves, whoever joins and syncs ends in a stable group.
    for (const each of members) group.leave(each.id, null);
    await timers.pass(60_000);
    const last = member();
    await last.join();
    expect(textOf(await last.sync({ [last.id]: 'all' })), `seed ${seed}`).toBe('all');
  }
});

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}
