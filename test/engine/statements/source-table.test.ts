import { expect, test } from 'vitest';
import { RecordBatchBuilder } from '../../../engine/broker/record-batch.ts';
import { openEngine } from '../../../engine/open-engine.ts';

test('a pull query on a SOURCE TABLE reads its headers, and has them before the values', async () => {
  const engine = await openEngine({ properties: { 'auto.offset.reset': 'earliest' } });
  await engine.execute(`CREATE SOURCE TABLE t (id STRING PRIMARY KEY, v INT, h BYTES HEADER('k'), w INT)
    WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', PARTITIONS=1);`);
  const builder = new RecordBatchBuilder();
  const text = (value: string) => new TextEncoder().encode(value);
  builder.append(text('a'), text('{"V": 7, "W": 8}'), 0, [{ key: 'k', value: text('hello') }]);
  builder.append(text('b'), text('{"V": 17, "W": 18}'), 1, [{ key: 'other', value: text('hello') }]);
  await engine.broker.append('t', 0, [builder.build()]);

  const all = await engine.ask('SELECT * FROM t;');
  if (all.kind === 'print') throw new TypeError('A SELECT gives rows');
  expect(all.columns.map(({ name }) => name)).toEqual(['ID', 'H', 'V', 'W']);
  expect((await all.next())?.map(({ values }) => values)).toEqual([
    ['a', text('hello'), 7, 8],
    ['b', null, 17, 18],
  ]);
  const found = await engine.ask("SELECT FROM_BYTES(h, 'utf8') AS text, w FROM t WHERE id = 'a';");
  if (found.kind === 'print') throw new TypeError('A SELECT gives rows');
  expect((await found.next())?.map(({ values }) => values)).toEqual([['hello', 8]]);
  await engine.close();
});

test('a pull query on a stream has its headers after the values', async () => {
  const engine = await openEngine({ properties: {} });
  await engine.execute(`CREATE STREAM s (id STRING KEY, h BYTES HEADER('k'), v INT)
    WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);`);
  const answer = await engine.ask('SELECT * FROM s;');
  if (answer.kind === 'print') throw new TypeError('A SELECT gives rows');
  expect(answer.columns.map(({ name }) => name)).toEqual(['ID', 'V', 'H']);
  await engine.close();
});
