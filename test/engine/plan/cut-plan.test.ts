import { describe, expect, it } from 'vitest';
import { cutPlan } from '../../../engine/plan/cut-plan.ts';
import { planOf } from './plan-fixture.ts';

describe('cutPlan', () => {
  it('leaves a plan whole that spreads no rows anew, with a task for each partition', () => {
    const plan = planOf('SELECT item, qty + 1 AS more FROM orders WHERE qty > 0 EMIT CHANGES;');
    expect(cutPlan(plan, 'app')).toEqual([{ index: 0, plan, reads: [], writes: undefined, isWhole: false }]);
  });

  it('has one task do a foreign-key join, whose sides are spread by different keys', () => {
    const plan = planOf(
      'SELECT users.uid, users.name, regions.label FROM users JOIN regions ON users.region = regions.rid EMIT CHANGES;',
    );
    expect(cutPlan(plan, 'app')).toEqual([{ index: 0, plan, reads: [], writes: undefined, isWhole: true }]);
  });
});
