import { expect, test } from 'vitest';
import { type CommandTopicReport, simulateCommandTopic } from './command-topic.ts';

const SEEDS = Array.from({ length: 300 }, (_, n) => n + 1);

test('engines of one service that are asked at once, and killed, have one log, and are the same by it', async () => {
  const reports: CommandTopicReport[] = [];
  const failed: string[] = [];
  for (const seed of SEEDS) {
    try {
      reports.push(await simulateCommandTopic(seed));
    } catch (error) {
      failed.push(`npm run simulate -- --only commands --seeds ${seed}: ${error}`);
    }
  }
  expect(failed).toEqual([]);
  // It says nothing where nothing happens.
  const sum = (of: (report: CommandTopicReport) => number) => reports.reduce((total, report) => total + of(report), 0);
  expect(sum(({ outcomes }) => outcomes.written)).toBeGreaterThan(SEEDS.length);
  expect(sum(({ outcomes }) => outcomes.refused)).toBeGreaterThan(SEEDS.length);
  expect(sum(({ outcomes }) => outcomes.unknown)).toBeGreaterThan(0);
  expect(sum(({ kills }) => kills)).toBeGreaterThan(SEEDS.length / 2);
}, 120_000);

test('a seed is the same run every time', async () => {
  for (const seed of [7, 8, 9]) expect(await simulateCommandTopic(seed)).toEqual(await simulateCommandTopic(seed));
});
