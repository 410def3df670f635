import { describe, expect, test, vi } from 'vitest';
import { Result } from '../../../client/results/result.ts';
import { AnswerRow } from '../../../engine/api/answer-rows.ts';

vi.mock('vscode', () => ({
  l10n: { t: (text: string) => text },
  workspace: { getConfiguration: () => ({ get: (_name: string, fallback: unknown) => fallback }) },
}));
const { Tile } = await import('../../../client/dashboard/tile.ts');

const COLUMNS = [
  { name: 'CITY', type: 'STRING', isKey: true, numeric: false },
  { name: 'N', type: 'INTEGER', isKey: false, numeric: true },
];
const PINNED = {
  id: '1',
  title: 'SELECT * FROM t',
  statement: 'SELECT * FROM t EMIT CHANGES;',
  connection: 'embedded engine',
  settings: { properties: { 'auto.offset.reset': 'earliest' }, variables: {} },
  choice: {},
};

function live(rows: readonly (readonly unknown[])[]) {
  const stopped = vi.fn();
  const result = new Result(1, PINNED as never, { maxRows: 100, maxBytes: 10_000 });
  result.begin(COLUMNS, true);
  result.query = { pause: () => undefined, resume: () => undefined, stop: stopped };
  for (const row of rows) result.add(AnswerRow.of(row));
  return { result, stopped };
}

const around = (more: object = {}) => ({
  run: vi.fn(async () => undefined),
  stateOf: () => 'it does not run',
  changed: vi.fn(),
  ...more,
});

describe('a tile', () => {
  test('shows the result of a card as it is, and keeps it when the card goes', () => {
    const { result, stopped } = live([
      ['Rome', 1],
      ['Oslo', 2],
    ]);
    const card = {};
    result.hold(card);
    const tile = new Tile(PINNED, around(), result);
    result.release(card);
    expect(stopped).not.toHaveBeenCalled();
    expect(tile.summary()).toMatchObject({ state: 'running', rows: 2 });
    expect(tile.draw(undefined)?.picture).toMatchObject({ entries: [{ name: 'Oslo' }, { name: 'Rome' }] });
    tile.release();
    expect(stopped).toHaveBeenCalled();
    expect(tile.summary()).toMatchObject({ state: 'idle', message: 'it does not run' });
  });

  test('leaves a query running that a card shows, and gives way to none that runs again', () => {
    const { result, stopped } = live([]);
    result.hold({});
    const tile = new Tile(PINNED, around(), result);
    result.giveWay();
    tile.release();
    expect(stopped).not.toHaveBeenCalled();
    result.giveWay();
    expect(stopped).toHaveBeenCalled();
  });

  test('runs its query anew, with what it was run with before, and says why it cannot', async () => {
    const fails = vi.fn(async () => {
      throw new Error('connection refused');
    });
    const tile = new Tile(PINNED, around({ run: fails }));
    await tile.start();
    expect(fails).toHaveBeenCalledWith(PINNED, expect.anything());
    expect(tile.summary()).toMatchObject({ state: 'failed', message: 'connection refused' });
  });

  test('keeps what is chosen of it, and takes all of it back at once', () => {
    const surroundings = around();
    const tile = new Tile(PINNED, surroundings);
    tile.choose({ kind: 'gauges' });
    tile.choose({ top: 3 });
    tile.rename('Cities');
    expect(tile.chart).toMatchObject({ title: 'Cities', choice: { kind: 'gauges', top: 3 } });
    tile.choose({});
    expect(tile.chart.choice).toEqual({});
    expect(surroundings.changed).toHaveBeenCalledTimes(4);
  });
});
