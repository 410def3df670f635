import { expect, test } from 'vitest';
import {
  Buffer as Bytes,
  setInterval as often,
  setImmediate as soon,
} from '../../../../engine/browser/node/globals.ts';
import { setTimeout as sleep } from '../../../../engine/browser/node/timers.ts';
import { format } from '../../../../engine/browser/node/util.ts';

const TEXTS = ['', 'plain', 'Zoë', '😀 – 1 €', 'a\u0000b'];

test.each(TEXTS)('texts go to bytes and back as Node has it: %j', (text) => {
  const ours = Bytes.from(text);
  const theirs = Buffer.from(text);
  expect([...ours]).toEqual([...theirs]);
  expect(Bytes.byteLength(text)).toBe(theirs.length);
  for (const encoding of ['utf8', 'latin1', 'hex', 'base64'] as const)
    expect(ours.toString(encoding)).toBe(theirs.toString(encoding));
});

test('slices are read from any array of bytes', () => {
  const { latin1Slice, utf8Slice } = Bytes.prototype as unknown as Record<
    'latin1Slice' | 'utf8Slice',
    (this: Uint8Array, start: number, end: number) => string
  >;
  const bytes = new Uint8Array(Buffer.from('<Zoë>'));
  expect(utf8Slice.call(bytes, 1, 5)).toBe('Zoë');
  expect(latin1Slice.call(bytes, 1, 3)).toBe('Zo');
});

test('actions have their turns in order, and timers are cleared with what they gave', async () => {
  const order: number[] = [];
  for (const n of [1, 2, 3]) soon(() => order.push(n));
  const timer = often(() => order.push(0), 1).unref();
  clearInterval(Number(timer));
  await new Promise<void>((resolve) => soon(() => resolve()));
  await sleep(20);
  expect(order).toEqual([1, 2, 3]);
});

test('a wait ends with its time or its signal', async () => {
  expect(await sleep(1, 'value')).toBe('value');
  const abort = new AbortController();
  const waiting = sleep(1_000_000, undefined, { signal: abort.signal });
  abort.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  await expect(sleep(1, undefined, { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' });
});

test('messages of a library are put together as Node does it', () => {
  expect(format('invalid %j type: %s', 'int', 4)).toBe('invalid "int" type: 4');
  expect(format('%s and %s', 'one')).toBe('one and %s');
});
