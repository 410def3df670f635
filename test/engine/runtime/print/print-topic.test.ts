import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../../engine/index.ts';
import { openEngine } from '../../../../engine/open-engine.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine({});
  await engine.execute(
    `CREATE STREAM avro (k STRING KEY, a INT, b DECIMAL(4, 2), c STRUCT<d ARRAY<STRING>>) WITH (KAFKA_TOPIC='avro', VALUE_FORMAT='AVRO', PARTITIONS=1);
     CREATE STREAM protobuf (k BIGINT KEY, a INT, c STRUCT<d ARRAY<STRING>>) WITH (KAFKA_TOPIC='protobuf', VALUE_FORMAT='PROTOBUF', PARTITIONS=1);
     CREATE STREAM json_sr (k INT KEY, a INT) WITH (KAFKA_TOPIC='json_sr', VALUE_FORMAT='JSON_SR', PARTITIONS=1);
     CREATE TABLE in_minutes WITH (KAFKA_TOPIC='tumbling', VALUE_FORMAT='JSON') AS SELECT k, COUNT(*) AS n FROM avro WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY k;
     CREATE TABLE in_sessions WITH (KAFKA_TOPIC='session', VALUE_FORMAT='JSON') AS SELECT k, COUNT(*) AS n FROM avro WINDOW SESSION (1 MINUTE) GROUP BY k;
     INSERT INTO avro (ROWTIME, k, a, b, c) VALUES (1700000000000, 'ann', 1, 2.50, STRUCT(d := ARRAY['y', 'z']));
     INSERT INTO protobuf (ROWTIME, k, a, c) VALUES (1700000000000, 7, 1, STRUCT(d := ARRAY['y', 'z']));
     INSERT INTO json_sr (ROWTIME, k, a) VALUES (1700000000000, 7, 1);`,
  );
});

afterAll(() => engine.close());

test.each([
  ['avro', 'KAFKA_STRING', /^AVRO\b/, 'key: ann, value: {"A": 1, "B": "\\u0000ú", "C": {"D": ["y", "z"]}}'],
  [
    'protobuf',
    'KAFKA_BIGINT or KAFKA_DOUBLE or KAFKA_STRING',
    /^PROTOBUF\b/,
    'key: 7, value: A: 1 C { D: "y" D: "z" }',
  ],
  ['json_sr', 'KAFKA_INT or KAFKA_STRING', /^JSON_SR\b/, 'key: 7, value: {"A":1}'],
  [
    'tumbling',
    'HOPPING(KAFKA_STRING) or TUMBLING(KAFKA_STRING)',
    /^JSON\b/,
    'key: [ann@1699999980000/-], value: {"N":1}',
  ],
  ['session', 'SESSION(KAFKA_STRING)', /^JSON\b/, 'key: [ann@1700000000000/1700000000000], value: {"N":1}'],
])('PRINT guesses the formats of %s', async (topic, keyFormat, valueFormat, record) => {
  const answer = await engine.ask(`PRINT '${topic}' FROM BEGINNING LIMIT 1;`);
  if (answer.kind !== 'print') throw new TypeError('PRINT gives lines');
  const events = [];
  for (let next = await answer.next(); next !== undefined; next = await answer.next()) events.push(...next);
  await answer.close();
  const [formats, line] = events;
  expect(formats).toMatchObject({ lines: [`Key format: ${keyFormat}`, expect.any(String)] });
  expect(formats?.kind === 'formats' && formats.lines[1]!.replace('Value format: ', '')).toMatch(valueFormat);
  expect(line).toEqual({ kind: 'record', text: `rowtime: 2023/11/14 22:13:20.000 Z, ${record}, partition: 0` });
});
