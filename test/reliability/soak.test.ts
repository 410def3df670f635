import { expect, test } from 'vitest';
import { soak } from './soak/soak.ts';

const ROUNDS = 6;
const ROUND_MS = 4_000;

test('what was acknowledged is there once, and the engine is, too, after kills, a full disk, a greedy query, rude and slow clients, and damage', async () => {
  const report = await soak({ rounds: ROUNDS, roundMs: ROUND_MS, seed: 1, serveOptions: [] });
  for (const reason of report.skipped) console.warn(`\n*** A part of the soak is skipped. ${reason} ***\n`);
  expect(report.unexpectedEnds).toEqual([]);
  for (const { rows, copied, miscounted, problems, disturbance } of report.rounds) {
    expect(rows.acknowledged, disturbance).toBeGreaterThan(0);
    expect({ disturbance, lost: rows.lost, doubled: rows.doubled }).toEqual({ disturbance, lost: 0, doubled: 0 });
    expect({ disturbance, lost: copied.lost, miscounted, problems }).toEqual({
      disturbance,
      lost: 0,
      miscounted: 0,
      problems: [],
    });
  }
  expect(report.rounds).toHaveLength(ROUNDS);
  expect(report.infoMs.length).toBeGreaterThan(0);
  expect(report.damages.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
}, 180_000);
