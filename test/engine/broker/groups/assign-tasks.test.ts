import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AssignmentOptions,
  assignTasks,
  type GroupAssignment,
  type GroupCandidate,
  type GroupTask,
  withholdOwned,
} from '../../../../engine/broker/groups/assign-tasks.ts';

const OPTIONS: AssignmentOptions = { standbys: 1, acceptableLag: 100, warmups: 2 };

/** Queries with partitions, some with state. */
const tasks: fc.Arbitrary<GroupTask[]> = fc
  .array(fc.record({ partitions: fc.integer({ min: 1, max: 9 }), isStateful: fc.boolean() }), { maxLength: 6 })
  .map((queries) =>
    queries.flatMap(({ partitions, isStateful }, query) =>
      Array.from({ length: partitions }, (_, partition) => ({
        id: `q${query}_${partition}`,
        family: `q${query}`,
        isStateful,
        inputs: [{ topic: `t${query}`, partition }],
      })),
    ),
  );

/** Members of which each task has at most one that does it, and any that have some of its state. */
const groups = fc
  .tuple(
    tasks,
    fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 }),
    fc.infiniteStream(fc.nat(1000)),
  )
  .map(([all, capacities, chance]) => {
    const next = (below: number) => chance.next().value! % below;
    const active = capacities.map((): string[] => []);
    for (const { id } of all) if (next(4) > 0) active[next(capacities.length)]!.push(id);
    const candidates = capacities.map((capacity, i): GroupCandidate => {
      const kept = all.filter(({ isStateful }) => isStateful && next(3) === 0);
      const lags = new Map(kept.map(({ id }) => [id, next(300)]));
      return { memberId: `m${i}`, capacity, active: active[i]!, lags };
    });
    return { tasks: all, candidates };
  });

const ownerOf = (assignment: GroupAssignment, id: string): string | undefined =>
  [...assignment.members].find(([, { active }]) => active.includes(id))?.[0];

/** What all hold in their memory afterwards: whoever has or keeps a task's state has all of it. */
function settled(candidates: readonly GroupCandidate[], { members }: GroupAssignment): GroupCandidate[] {
  return candidates.map((candidate) => {
    const { active, standby } = members.get(candidate.memberId)!;
    return { ...candidate, active, lags: new Map([...active, ...standby].map((id) => [id, 0])) };
  });
}

const moves = (candidates: readonly GroupCandidate[], assignment: GroupAssignment): number =>
  candidates.flatMap(({ memberId, active }) => active.filter((id) => ownerOf(assignment, id) !== memberId)).length;

describe('giving tasks to members', () => {
  test('each task has one who does it, and standbys elsewhere', () => {
    fc.assert(
      fc.property(groups, ({ tasks: all, candidates }) => {
        const { members } = assignTasks(all, candidates, OPTIONS);
        const active = [...members.values()].flatMap((each) => each.active);
        expect(active.sort()).toEqual(all.map(({ id }) => id).sort());
        for (const { active: own, standby } of members.values()) {
          expect(new Set(standby).size).toBe(standby.length);
          expect(standby.filter((id) => own.includes(id))).toEqual([]);
        }
        const kept = [...members.values()].flatMap((each) => each.standby);
        for (const { id, isStateful } of all) {
          const copies = kept.filter((each) => each === id).length;
          const least = isStateful ? Math.min(1, candidates.length - 1) : 0;
          expect(copies).toBeGreaterThanOrEqual(least);
          expect(copies).toBeLessThanOrEqual(isStateful ? least + 1 : 0);
        }
      }),
    );
  });

  test('whoever is asked in whatever order, the answer is the same', () => {
    fc.assert(
      fc.property(groups, ({ tasks: all, candidates }) => {
        const asked = assignTasks(all, candidates, OPTIONS);
        const turned = assignTasks([...all].reverse(), [...candidates].reverse(), OPTIONS);
        for (const [memberId, { active, standby }] of asked.members) {
          expect([...turned.members.get(memberId)!.active].sort()).toEqual([...active].sort());
          expect([...turned.members.get(memberId)!.standby].sort()).toEqual([...standby].sort());
        }
      }),
    );
  });

  test('without state to wait for, nobody could take a task from another and have less to do for its threads', () => {
    fc.assert(
      fc.property(groups, ({ tasks: all, candidates }) => {
        const stateless = all.map((task) => ({ ...task, isStateful: false }));
        const { members } = assignTasks(stateless, candidates, OPTIONS);
        const loads = candidates.map(({ memberId, capacity }) => ({
          n: members.get(memberId)!.active.length,
          capacity,
        }));
        for (const one of loads)
          for (const other of loads)
            expect(one.n / one.capacity).toBeLessThanOrEqual((other.n + 1) / other.capacity + 1e-9);
      }),
    );
  });

  test('no fair division moves less', () => {
    fc.assert(
      fc.property(groups, ({ tasks: all, candidates }) => {
        const stateless = all.map((task) => ({ ...task, isStateful: false }));
        const even = candidates.map((each) => ({ ...each, capacity: 1 }));
        const assignment = assignTasks(stateless, even, OPTIONS);
        // Each must have the floor of an even share; so many may have one more, and those shall who have it already.
        const floor = Math.floor(all.length / even.length);
        const extra = all.length % even.length;
        const beyond = even.map(({ active }) => Math.max(0, active.length - floor)).sort((a, b) => b - a);
        const least = beyond.reduce((sum, n, i) => sum + Math.max(0, n - (i < extra ? 1 : 0)), 0);
        expect(moves(even, assignment)).toBe(least);
      }),
    );
  });

  test('what is settled stays as it is', () => {
    fc.assert(
      fc.property(groups, ({ tasks: all, candidates }) => {
        let now = candidates;
        // A few rounds, as warm-ups are restored.
        for (let round = 0; round < 40; round++) {
          const assignment = assignTasks(all, now, OPTIONS);
          now = settled(now, assignment);
          if (!assignment.isWarmingUp) break;
        }
        const again = assignTasks(all, now, OPTIONS);
        expect(again.isWarmingUp).toBe(false);
        expect(moves(now, again)).toBe(0);
        const loads = now.map(({ active, capacity }) => active.length / capacity);
        for (const [i, load] of loads.entries())
          for (const each of now)
            expect(load, `m${i}`).toBeLessThanOrEqual((each.active.length + 1) / each.capacity + 1e-9);
      }),
    );
  });

  test('a task with state goes only where its state is, if there is such a member', () => {
    fc.assert(
      fc.property(groups, ({ tasks: all, candidates }) => {
        const assignment = assignTasks(all, candidates, OPTIONS);
        for (const { id, isStateful } of all.filter((task) => task.isStateful)) {
          const lagOf = ({ active, lags }: GroupCandidate) =>
            active.includes(id) ? 0 : (lags.get(id) ?? Number.POSITIVE_INFINITY);
          if (!isStateful || candidates.every((each) => lagOf(each) > OPTIONS.acceptableLag)) continue;
          const owner = candidates.find(({ memberId }) => memberId === ownerOf(assignment, id))!;
          expect(lagOf(owner)).toBeLessThanOrEqual(OPTIONS.acceptableLag);
        }
      }),
    );
  });

  test('the parts of one query are spread', () => {
    const all = Array.from({ length: 16 }, (_, i) => ({
      id: `q${i % 4}_${i}`,
      family: `q${i % 4}`,
      isStateful: false,
      inputs: [],
    }));
    const candidates = ['a', 'b', 'c', 'd'].map((memberId) => ({ memberId, capacity: 1, active: [], lags: new Map() }));
    for (const { active } of assignTasks(all, candidates).members.values())
      expect(active.map((id) => id.slice(0, 2)).sort()).toEqual(['q0', 'q1', 'q2', 'q3']);
  });

  test('what another does yet is given once that has given it up', () => {
    const members = new Map([
      ['a', { active: ['t1', 't2'], standby: [] }],
      ['b', { active: ['t3'], standby: ['t1'] }],
    ]);
    const owners = new Map([
      ['t1', 'a'],
      ['t2', 'b'],
    ]);
    expect(Object.fromEntries(withholdOwned(members, owners))).toEqual({
      a: { active: ['t1'], standby: ['t2'] },
      b: { active: ['t3'], standby: ['t1'] },
    });
  });
});
