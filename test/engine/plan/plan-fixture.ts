import { expect } from 'vitest';
import type { LogicalPlan } from '../../../engine/plan/logical-plan.ts';
import { planQuery } from '../../../engine/plan/planner.ts';
import { analyze } from '../../language/script/script-fixture.ts';

/** The plan of a script's last statement, over the sources of the fixture and those that the script makes. */
export function planOf(text: string): LogicalPlan {
  const { statements, diagnostics } = analyze(text);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const last = statements.at(-1)!;
  if (!('query' in last)) throw new Error(`No query: ${text}`);
  return planQuery(last.query);
}
