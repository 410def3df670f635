import { expect, test } from 'vitest';
import { type QueriesReport, simulateQueries, type Trouble } from './simulate-queries.ts';

/** The last ones have engines that begin a query at once, and took one another's turn for ever. */
const SEEDS = [...Array.from({ length: 150 }, (_, n) => n + 1), 9031, 9157, 10_365];

test('engines that share a query lose nothing and count nothing twice, whatever happens to them', async () => {
  const reports: QueriesReport[] = [];
  const failed: string[] = [];
  for (const seed of SEEDS) {
    try {
      reports.push(await simulateQueries(seed));
    } catch (error) {
      failed.push(`npm run simulate -- --only queries --seeds ${seed} --trace: ${error}`);
    }
  }
  expect(failed).toEqual([]);
  // It says nothing where nothing happens.
  const troubles: readonly Trouble[] = ['kill', 'leave', 'join', 'pause', 'cut', 'losses'];
  for (const trouble of troubles)
    expect(reports.filter((report) => report.troubles[trouble] > 0).length).toBeGreaterThan(SEEDS.length / 10);
  expect(new Set(reports.map(({ workload }) => workload)).size).toBe(6);
}, 240_000);

test('a seed is the same run every time', async () => {
  const trace = async (seed: number): Promise<readonly string[]> => {
    const lines: string[] = [];
    const report = await simulateQueries(seed, (line) => lines.push(line));
    return [...lines, JSON.stringify(report)];
  };
  for (const seed of [7, 8, 9, 10]) expect(await trace(seed)).toEqual(await trace(seed));
}, 60_000);
