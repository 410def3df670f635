import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnswerElement, AnswerRow, answerElements } from '../../../engine/api/answer-rows.ts';
import { NumberText, parseRowJson } from '../../../engine/api/exact-json.ts';
import { httpClient } from '../../../engine/api/http-client.ts';
import { jsonValueText } from '../../support/json-text.ts';

const HEADER = '{"header":{"queryId":"q","schema":"`A` STRING"}}';
const RECORD = '{"topic":"täglich","partition":1,"offset":9007199254740993,"timestampMs":3}';

/** What an element says, read. */
const contentOf = (element: AnswerElement): unknown => (element.kind === 'row' ? element.content : element);

async function elementsOf(pieces: readonly Buffer[]): Promise<readonly unknown[]> {
  const elements: unknown[] = [];
  const arriving = async function* () {
    yield* pieces;
  };
  for await (const batch of answerElements(arriving())) elements.push(...batch.map(contentOf));
  return elements;
}

const row = fc.record({
  columns: fc.array(jsonValueText, { minLength: 1, maxLength: 4 }),
  tombstone: fc.boolean(),
  isRecordKnown: fc.boolean(),
});
/** Our engine sends the separator with what stands before it, ksqlDB with what comes after. */
const separators = fc.constantFrom({ before: '', after: ',\n' }, { before: ',\n', after: '' });

describe('the elements of an answer', () => {
  test('are read as they were sent, wherever the bytes are parted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 12 }),
        separators,
        fc.array(fc.nat(2000), { maxLength: 20 }),
        async (rows, { before, after }, cuts) => {
          const texts = rows.map(
            ({ columns, tombstone, isRecordKnown }) =>
              `{"row":{"columns":[${columns.join(',')}]${tombstone ? ',"tombstone":true' : ''}}${isRecordKnown ? `,"record":${RECORD}` : ''}}`,
          );
          const body = texts.map((text) => `${before}${text}${after}`).join('');
          const bytes = Buffer.from(`[${HEADER}${after}${body}${before}{"finalMessage":"over"}]\n`);
          const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
          const pieces = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
          const expected = rows.map(({ columns, tombstone, isRecordKnown }) => ({
            values: parseRowJson(`[${columns.join(',')}]`),
            tombstone,
            ...(isRecordKnown ? { record: parseRowJson(RECORD) } : {}),
          }));
          expect(await elementsOf(pieces)).toEqual([
            { kind: 'header', header: { queryId: 'q', schema: '`A` STRING' } },
            ...expected,
            { kind: 'end', message: 'over' },
          ]);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('are there before their separator, and not before they are complete', async () => {
    const arriving = new PassThrough();
    const elements = answerElements(arriving);
    const next = async () => ((await elements.next()).value as readonly AnswerElement[]).map(contentOf);
    const held = (value: unknown) => ({ values: [value], tombstone: false });
    arriving.write(`[${HEADER}`);
    expect(await next()).toMatchObject([{ kind: 'header' }]);
    arriving.write(',\n{"row":{"columns":["first"]}}');
    expect(await next()).toEqual([held('first')]);
    // This piece ends with a brace, but only the inner value is complete.
    const second = next();
    arriving.write(',\n{"row":{"columns":[{"A":1}');
    await setImmediate();
    arriving.write(']}}');
    expect(await second).toEqual([held({ A: 1 })]);
    arriving.end();
    expect((await elements.next()).done).toBe(true);
  });

  test('may be laid out otherwise', async () => {
    const lines = `[ ${HEADER} ,\r\n { "row" : { "columns" : [1, 2.50] } },\r\n\r\n{"errorMessage":{"message":"no"}}\r\n]`;
    expect(await elementsOf([Buffer.from(lines)])).toEqual([
      { kind: 'header', header: { queryId: 'q', schema: '`A` STRING' } },
      { values: [1, new NumberText('2.50')], tombstone: false },
      { kind: 'error', error: { message: 'no' } },
    ]);
  });

  test.each(['{"row":{"columns":[1', '{"finalMessage":'])('an answer that ends within %s is told', async (cut) => {
    await expect(elementsOf([Buffer.from(`[${HEADER},\n${cut}`)])).rejects.toThrow(SyntaxError);
  });

  test('come over HTTP, and one that nobody sent is like them', async () => {
    const values = ['ä', 12345678901234567890n, new NumberText('2.50'), null, { B: [1, 9007199254740993n] }];
    const own = AnswerRow.of(values, true, { topic: 't', partition: 0, offset: 1, timestampMs: 2 });
    const server = createServer((_request, response) => response.end(`[${HEADER},\n${own.json}]`)).listen(0);
    const client = httpClient({ url: `http://localhost:${(server.address() as AddressInfo).port}` });
    const events = [];
    for await (const batch of await client.query('SELECT 1;')) events.push(...batch.map(contentOf));
    expect(events).toEqual([
      { values, tombstone: true, record: { topic: 't', partition: 0, offset: 1, timestampMs: 2 } },
    ]);
    expect(own.content).toEqual(events[0]);
    client.close();
    server.close();
  });
});
