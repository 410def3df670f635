import { describe, expect, test } from 'vitest';
import { type KnownPositions, originNote, startPositions } from '../../../../engine/runtime/task/start-positions.ts';

const bounds = (partition: number, earliest: number, latest: number) => ({ partition, earliest, latest });
const committed = (offset: number, origin: number) => new Map([[0, { offset, note: originNote(origin) }]]);

function starts(known: Partial<KnownPositions>) {
  const { partitions, notices } = startPositions({
    topic: 't',
    partitions: [bounds(0, 0, 100)],
    kept: new Map(),
    committed: new Map(),
    reset: 'latest',
    isStateful: false,
    ...known,
  });
  return {
    from: partitions.map(({ offset }) => offset),
    rebuiltAt: partitions.map(({ rebuiltAt }) => rebuiltAt),
    origins: partitions.map(({ origin }) => origin),
    losses: notices.filter(({ kind }) => kind === 'loss').map(({ text }) => text),
    infos: notices.filter(({ kind }) => kind === 'info').map(({ text }) => text),
  };
}

describe('where a query begins', () => {
  test('a new one begins by its setting, and says nothing', () => {
    expect(starts({ reset: 'latest' })).toMatchObject({ from: [100], rebuiltAt: [100], losses: [], infos: [] });
    expect(starts({ reset: 'earliest' })).toMatchObject({ from: [0], rebuiltAt: [0], losses: [], infos: [] });
  });

  test('without state it goes on at the committed offset', () => {
    expect(starts({ committed: committed(60, 20) })).toMatchObject({ from: [60], rebuiltAt: [60], origins: [20] });
    expect(starts({ committed: committed(60, 20) }).infos[0]).toMatch(/goes on at the committed offsets/);
  });

  test('a state that is older than what was committed catches up in silence', () => {
    const older = starts({ kept: new Map([[0, 40]]), committed: committed(60, 20), isStateful: true });
    expect(older).toMatchObject({ from: [40], rebuiltAt: [60], origins: [20], losses: [] });
    expect(older.infos[0]).toMatch(/brought up to them by 20 records of topic t/);
    expect(starts({ kept: new Map([[0, 70]]), committed: committed(60, 20) })).toMatchObject({
      from: [70],
      rebuiltAt: [70],
    });
  });

  test('with state it reads again what it has read since it was new, up to the committed offset', () => {
    const again = starts({ committed: committed(60, 20), isStateful: true });
    expect(again).toMatchObject({ from: [20], rebuiltAt: [60], origins: [20], losses: [] });
    expect(again.infos[0]).toMatch(/rebuilt from up to 40 records of topic t/);
  });

  test('offsets of another client carry no note of where the state began: all there is counts', () => {
    const noted = new Map([[0, { offset: 60, note: 'AQAAAX8' }]]);
    expect(starts({ committed: noted, isStateful: true })).toMatchObject({ from: [0], rebuiltAt: [60] });
  });

  test('offsets kept with the state are the rule', () => {
    const known = { kept: new Map([[0, 70]]), committed: committed(60, 20), isStateful: true };
    expect(starts(known)).toMatchObject({ from: [70], rebuiltAt: [70], losses: [], infos: [] });
  });

  test('what retention has cut away is said, for what was not read and for what the state lacks', () => {
    const partitions = [bounds(0, 80, 100)];
    const unread = starts({ partitions, committed: committed(60, 20) });
    expect(unread).toMatchObject({ from: [80], rebuiltAt: [80] });
    expect(unread.losses).toEqual([expect.stringContaining('the records from offset 60 to 79 were removed')]);
    const lacking = starts({ partitions: [bounds(0, 40, 100)], committed: committed(60, 20), isStateful: true });
    expect(lacking).toMatchObject({ from: [40], rebuiltAt: [60], origins: [20] });
    expect(lacking.losses).toEqual([expect.stringContaining('without the records from offset 20 to 39')]);
  });

  test('an offset behind the end means that the topic is another: it is read from its beginning', () => {
    for (const isStateful of [false, true]) {
      const anew = starts({ partitions: [bounds(0, 0, 10)], committed: committed(60, 20), isStateful });
      expect(anew).toMatchObject({ from: [0], rebuiltAt: [0], origins: [0] });
      expect(anew.losses).toEqual([expect.stringContaining('ends at offset 10, before 60')]);
    }
  });

  test('a partition that came later is read from its beginning, even where new queries begin at the end', () => {
    const partitions = [bounds(0, 0, 100), bounds(1, 0, 30)];
    for (const isStateful of [false, true]) {
      const known = starts({ partitions, committed: committed(60, 20), isStateful });
      expect(known.from[1]).toBe(0);
      expect(known.rebuiltAt[1]).toBe(0);
      expect(known.infos.join()).toMatch(/has a new partition, 1/);
    }
  });
});
