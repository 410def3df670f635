import { describe, expect, test } from 'vitest';
import type { GroupTask } from '../../../../../engine/broker/groups/assign-tasks.ts';
import type { GroupMemberOptions, TaskChange } from '../../../../../engine/broker/groups/group-membership.ts';
import { GroupMember } from '../../../../../engine/broker/kafka/groups/group-member.ts';
import { SimulatedGroup, SimulatedLink } from '../../../../support/simulated-group.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';

const SESSION_MS = 10_000;

function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const tasksOf = (queries: number, partitions: number, isStateful = false): GroupTask[] =>
  Array.from({ length: queries * partitions }, (_, i) => {
    const [query, partition] = [Math.floor(i / partitions), i % partitions];
    const inputs = [{ topic: `t${query}`, partition }];
    return { id: `q${query}_${partition}`, family: `q${query}`, isStateful, inputs };
  });

/** Engines of one group, and who does what by their own account. */
class Engines {
  readonly clock = new VirtualClock();
  readonly group: SimulatedGroup;
  readonly all: Engine[] = [];
  readonly doubled: string[] = [];
  tasks = tasksOf(3, 4);
  lags: Readonly<Record<string, number>> = {};
  readonly #random: () => number;

  constructor(seed = 1) {
    this.#random = numbers(seed);
    this.group = new SimulatedGroup(this.clock);
  }

  start(options: Partial<GroupMemberOptions> = {}): Engine {
    const link = new SimulatedLink(this.group, this.clock, () => Math.floor(this.#random() * 20));
    const engine = new Engine(this, link, `e${this.all.length}`, options);
    this.all.push(engine);
    engine.member.start();
    return engine;
  }

  /** Those that the group has not given up, and that have not died. */
  get alive(): readonly Engine[] {
    return this.all.filter(({ isAlive }) => isAlive);
  }

  doing(): string[] {
    return this.alive.flatMap(({ active }) => [...active]).sort();
  }
}

class Engine {
  readonly member: GroupMember;
  readonly link: SimulatedLink;
  active = new Set<string>();
  readonly told: string[] = [];
  standby: readonly string[] = [];
  placements: TaskChange['placements'] = [];
  isAlive = true;

  constructor(engines: Engines, link: SimulatedLink, process: string, options: Partial<GroupMemberOptions>) {
    this.link = link;
    const settings = { group: 'g', process, capacity: 2, endpoint: `http://${process}`, ...options };
    this.member = new GroupMember(
      { sessionTimeoutMs: SESSION_MS, rebalanceTimeoutMs: 30_000, ...settings },
      link,
      {
        tasks: () => engines.tasks,
        lags: () => engines.lags,
        revoked: async (tasks) => {
          this.told.push(`revoked ${tasks.length}`);
          await engines.clock.sleep(50);
          // Nobody may do them before they are given up.
          for (const task of tasks) this.active.delete(task);
        },
        assigned: async ({ active, added, standby, placements }) => {
          this.told.push(`assigned ${added.length}`);
          for (const task of added) {
            // Who has been given up and has not heard of it yet does tasks of others, but cannot commit.
            const others = engines.all.filter((each) => engines.group.members.includes(each.member.memberId));
            if (others.some((each) => each !== this && each.active.has(task))) engines.doubled.push(task);
            // Nobody is sure of a task that is another's.
            const sure = engines.all.filter((each) => each.isAlive && each.member.isCertain);
            if (sure.some((each) => each !== this && each.active.has(task))) engines.doubled.push(`sure of ${task}`);
            this.active.add(task);
          }
          expect([...this.active].sort()).toEqual([...active].sort());
          this.standby = standby;
          this.placements = placements;
        },
        lost: async (tasks) => {
          this.told.push(`lost ${tasks.length}`);
          this.active.clear();
        },
      },
      engines.clock,
    );
  }
}

const sizes = (engines: readonly Engine[]) => engines.map(({ active }) => active.size).sort((a, b) => a - b);

describe('members of a group', () => {
  test('one has all; each that joins takes its part, and nothing else moves', async () => {
    const engines = new Engines();
    const first = engines.start();
    await engines.clock.run(1000);
    expect(first.active.size).toBe(12);
    engines.start();
    await engines.clock.run(10_000);
    expect(sizes(engines.all)).toEqual([6, 6]);
    const before = new Map(engines.all.map((engine) => [engine, new Set(engine.active)]));
    engines.start();
    await engines.clock.run(10_000);
    expect(sizes(engines.all)).toEqual([4, 4, 4]);
    for (const [engine, had] of before) expect([...engine.active].filter((task) => !had.has(task))).toEqual([]);
    expect(first.told).toEqual([
      'assigned 12',
      'revoked 6',
      'assigned 0',
      'assigned 0',
      'revoked 2',
      'assigned 0',
      'assigned 0',
    ]);
    // Every query's partitions are on all of them, and everybody knows where what is.
    for (const { active } of engines.all) expect(new Set([...active].map((id) => id.slice(0, 2))).size).toBe(3);
    for (const { placements } of engines.all)
      expect(placements.map(({ endpoint, active }) => [endpoint, active.length]).sort()).toEqual([
        ['http://e0', 4],
        ['http://e1', 4],
        ['http://e2', 4],
      ]);
  });

  test('who leaves is replaced at once, who dies after its session', async () => {
    const engines = new Engines();
    const [first, second, third] = [engines.start(), engines.start(), engines.start()];
    await engines.clock.run(30_000);
    second.isAlive = false;
    await engines.clock.until(second.member.close());
    await engines.clock.run(SESSION_MS / 2);
    expect(sizes([first, third])).toEqual([6, 6]);
    third.isAlive = false;
    third.link.isCut = true;
    await engines.clock.run(SESSION_MS / 2);
    expect(first.active.size).toBe(6);
    await engines.clock.run(SESSION_MS * 2);
    expect(first.active.size).toBe(12);
    expect(first.told.filter((call) => call.startsWith('revoked'))).toEqual([]);
  });

  test('it says that it is alive as often as it is told to', async () => {
    for (const [heartbeatIntervalMs, expected] of [
      [undefined, 9],
      // The way there and back takes its time, too.
      [500, 56],
      [9000, 3],
    ] as const) {
      const engines = new Engines();
      const { link } = engines.start({ heartbeatIntervalMs });
      await engines.clock.run(1000);
      const before = link.heartbeats;
      await engines.clock.run(29_000);
      expect(link.heartbeats - before).toBe(expected);
    }
  });

  test('who was away for longer than a session has lost its tasks, and cannot commit them', async () => {
    const engines = new Engines();
    const [first, second] = [engines.start(), engines.start()];
    await engines.clock.run(30_000);
    expect(second.member.isCertain).toBe(true);
    second.link.isCut = true;
    await engines.clock.run(SESSION_MS * 3);
    expect(first.active.size).toBe(12);
    expect(second.active.size).toBe(6);
    expect([first, second].map(({ member }) => member.isCertain)).toEqual([true, false]);
    second.link.isCut = false;
    const commit = second.member.commit([{ topic: 't0', partition: 0, offset: 7 }]);
    await expect(engines.clock.until(commit)).rejects.toThrow(/consumer group 'g': .*(UNKNOWN_MEMBER_ID|ILLEGAL)/);
    expect(engines.group.committed.size).toBe(0);
    await engines.clock.run(30_000);
    expect(second.told).toContain('lost 6');
    expect(second.member.isCertain).toBe(true);
    expect(sizes(engines.all)).toEqual([6, 6]);
    await engines.clock.until(second.member.commit([{ topic: 't0', partition: 0, offset: 8 }]));
    expect(engines.group.committed.get('t0/0')).toMatchObject({ offset: 8 });
  });

  test('commits while others join are of the generation that they are made in', async () => {
    const engines = new Engines(3);
    const first = engines.start();
    await engines.clock.run(5000);
    let commits = 0;
    const committing = (async () => {
      for (; commits < 300; commits++) {
        await first.member.commit([{ topic: 't0', partition: 0, offset: commits }]);
        await engines.clock.sleep(100);
      }
    })();
    for (let i = 0; i < 4; i++) {
      engines.start();
      await engines.clock.run(3000);
    }
    await engines.clock.until(committing);
    expect(engines.group.committed.get('t0/0')).toMatchObject({ offset: 299 });
    expect(engines.group.rebalances).toBeGreaterThan(5);
  });

  test('new tasks are given out when a member asks for that', async () => {
    const engines = new Engines();
    engines.tasks = [];
    const [first, second] = [engines.start(), engines.start()];
    await engines.clock.run(10_000);
    engines.tasks = tasksOf(1, 5);
    first.member.rejoin();
    second.member.rejoin();
    await engines.clock.run(10_000);
    expect(sizes(engines.all)).toEqual([2, 3]);
    engines.tasks = tasksOf(1, 2);
    first.member.rejoin();
    second.member.rejoin();
    await engines.clock.run(10_000);
    expect(engines.doing()).toEqual(['q0_0', 'q0_1']);
  });

  test('state is restored where it shall be before its task moves there', async () => {
    const engines = new Engines();
    engines.tasks = tasksOf(1, 4, true);
    const options = { assignment: { warmups: 2, standbys: 0 }, probingIntervalMs: 60_000 };
    const first = engines.start(options);
    await engines.clock.run(5000);
    const second = engines.start(options);
    await engines.clock.run(20_000);
    expect([first.active.size, second.active.size]).toEqual([4, 0]);
    expect(second.standby).toHaveLength(2);
    engines.lags = Object.fromEntries(second.standby.map((id) => [id, 5]));
    await engines.clock.run(120_000);
    expect([first.active.size, second.active.size]).toEqual([2, 2]);
    expect(first.told.filter((call) => call.startsWith('revoked'))).toEqual(['revoked 2']);
  });

  test('a wrong setting ends the membership, and says so', async () => {
    const engines = new Engines();
    const engine = engines.start();
    engine.link.join = async () => ({ code: 26, generation: -1, leader: '', memberId: '', members: [] });
    await engines.clock.run(1000);
    const commit = engine.member.commit([{ topic: 't0', partition: 0, offset: 8 }]);
    await expect(engines.clock.until(commit)).rejects.toThrow(/'g': .*INVALID_SESSION_TIMEOUT/);
    expect(engine.told).toEqual(['lost 0']);
  });

  test('whatever happens, no task is done twice, and in the end each is done by somebody, in fair shares', async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const engines = new Engines(seed);
      const random = numbers(seed * 7919);
      engines.start();
      for (let step = 0; step < 12; step++) {
        const [what, alive] = [random(), engines.alive.filter(({ link }) => !link.isCut)];
        const one = alive[Math.floor(random() * alive.length)];
        if (what < 0.35 && engines.alive.length < 6) engines.start();
        else if (what < 0.5 && one !== undefined && alive.length > 1) {
          one.isAlive = false;
          one.link.isCut = true;
        } else if (what < 0.6 && one !== undefined && alive.length > 1) {
          one.isAlive = false;
          void one.member.close();
        } else if (what < 0.75 && one !== undefined) {
          one.link.isCut = true;
          void engines.clock.sleep(random() * SESSION_MS * 2.5).then(() => {
            if (one.isAlive) one.link.isCut = false;
          });
        } else if (one !== undefined) one.member.rejoin();
        await engines.clock.run(random() * SESSION_MS);
      }
      await engines.clock.run(SESSION_MS * 12);
      expect(engines.doubled, `seed ${seed}`).toEqual([]);
      expect(engines.doing(), `seed ${seed}`).toEqual(engines.tasks.map(({ id }) => id).sort());
      const [least, most] = [sizes(engines.alive)[0]!, sizes(engines.alive).at(-1)!];
      expect(most - least, `seed ${seed}`).toBeLessThanOrEqual(1);
    }
  });
});
