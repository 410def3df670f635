import { expect, test } from 'vitest';
import { planQuery } from '../../../engine/plan/planner.ts';
import { principalStores } from '../../../engine/plan/principal-stores.ts';
import { analyze } from '../../language/script/script-fixture.ts';

function storesOf(text: string) {
  const { statements, diagnostics } = analyze(text);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const last = statements.at(-1)!;
  if (!('query' in last)) throw new Error(`No query: ${text}`);
  return principalStores(planQuery(last.query));
}

test('each store that ksqlDB has is there once, from the result on, with how long its windows are kept', () => {
  expect(storesOf('CREATE TABLE o AS SELECT item, SUM(qty) AS n FROM orders GROUP BY item;')).toEqual([
    { name: 'Aggregate-Aggregate-Materialize' },
  ]);
  expect(
    storesOf(
      `CREATE TABLE o AS SELECT a.id, COUNT(*) AS n FROM shipments a JOIN clicks c WITHIN 1 HOUR GRACE PERIOD 1 MINUTE
         ON a.id = c.id WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 30 HOURS) GROUP BY a.id;`,
    ),
  ).toEqual([
    { name: 'Aggregate-Aggregate-Materialize', retentionMs: 30 * 3600_000 },
    { name: 'Join', retentionMs: 2 * 3600_000 + 60_000 },
  ]);
});
