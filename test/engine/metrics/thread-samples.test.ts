import { Gauge, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { withThreadSamples } from '../../../engine/metrics/thread-samples.ts';

async function page(values: Readonly<Record<string, number>>, plain: number): Promise<string> {
  const registry = new Registry();
  const byQuery = new Gauge({ name: 'rows', help: 'Rows.', labelNames: ['query_id'], registers: [registry] });
  for (const [query_id, value] of Object.entries(values)) byQuery.set({ query_id }, value);
  new Gauge({ name: 'limit', help: 'A limit.', registers: [registry] }).set(plain);
  return registry.metrics();
}

test('samples of threads stand with those of their metric, under the number of the thread', async () => {
  const merged = withThreadSamples(await page({ A: 1, B: 2 }, 7), [await page({ A: 10 }, 8), await page({}, 9)]);
  expect(merged.split('\n').filter((line) => line !== '')).toEqual([
    '# HELP rows Rows.',
    '# TYPE rows gauge',
    'rows{query_id="A"} 1',
    'rows{query_id="B"} 2',
    'rows{query_id="A",thread="2"} 10',
    '# HELP limit A limit.',
    '# TYPE limit gauge',
    'limit 7',
    'limit{thread="2"} 8',
    'limit{thread="3"} 9',
  ]);
});

test('a page without threads stays as it is', async () => {
  const alone = await page({ A: 1 }, 2);
  expect(withThreadSamples(alone, [])).toBe(alone);
});
