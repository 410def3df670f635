import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LiveTable } from '../../../engine/cli/printing/live-table.ts';
import { styles } from '../../../engine/cli/printing/style.ts';
import { Table } from '../../../engine/cli/printing/table.ts';

/** A terminal that understands what a table writes: lines, and the cursor going up, down and over a line. */
class Screen {
  readonly lines: string[] = [''];
  readonly rows: number;
  #at = 0;

  constructor(rows: number) {
    this.rows = rows;
  }

  write = (text: string): void => {
    for (const [piece] of text.matchAll(/\u001b\[(\d+)([A-Z])|\r|\n|[^\u001b\r\n]+/g)) {
      const move = /^\u001b\[(\d+)([ABK])$/.exec(piece);
      if (move?.[2] === 'A') this.#go(-Number(move[1]));
      else if (move?.[2] === 'B') this.#go(Number(move[1]));
      else if (move?.[2] === 'K') this.lines[this.#at] = '';
      else if (piece === '\n') {
        this.#at++;
        this.lines[this.#at] ??= '';
      } else if (piece !== '\r') this.lines[this.#at] += piece;
    }
  };

  /** A cursor stops at the edges of the screen. */
  #go(by: number): void {
    const top = Math.max(0, this.lines.length - this.rows);
    this.#at = Math.min(this.lines.length - 1, Math.max(top, this.#at + by));
  }
}

const PLAIN = styles({ isTTY: false });

function liveTable(rows: number) {
  const screen = new Screen(rows);
  const table = new Table([{ name: 'K' }, { name: 'V', numeric: true }], PLAIN, 40).fit([['k0', '00']]);
  return { screen, live: new LiveTable(table, PLAIN, screen) };
}

test('a row that changes in sight is written over where it stands', () => {
  const { screen, live } = liveTable(10);
  live.set('a', ['a', '1']);
  live.set('b', ['b', '1']);
  live.flush();
  live.set('a', ['a', '2']);
  live.flush();
  expect(screen.lines).toEqual(['a    2', 'b    1', '']);
});

test('a row that has scrolled away is written anew, and what is above the screen stays', () => {
  const { screen, live } = liveTable(3);
  for (const key of ['a', 'b', 'c', 'd']) live.set(key, [key, '1']);
  live.flush();
  live.set('a', ['a', '2']);
  live.flush();
  expect(screen.lines).toEqual(['a    1', 'b    1', 'c    1', 'd    1', 'a    2', '']);
});

test('the last line of every key is its newest state, whatever is changed and removed when', () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 9 }).map((n) => `k${n}`),
    value: fc.option(fc.integer({ min: 0, max: 99 }).map(String)),
    flush: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 2, max: 12 }), (steps, rows) => {
      const { screen, live } = liveTable(rows);
      const newest = new Map<string, string>();
      for (const { key, value, flush } of steps) {
        live.set(key, value === null ? undefined : [key, value]);
        if (value === null) newest.delete(key);
        else newest.set(key, value);
        if (flush) live.flush();
      }
      live.flush();
      for (const [key, value] of newest)
        expect(screen.lines.findLast((line) => line.startsWith(`${key} `))?.split(/ +/)).toEqual([key, value]);
    }),
  );
});
