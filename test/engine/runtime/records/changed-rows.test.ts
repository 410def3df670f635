import { expect, test } from 'vitest';
import { ChangedRowEncoder, rowRanges } from '../../../../engine/runtime/records/changed-rows.ts';
import { RowEncoder } from '../../../../engine/runtime/records/row-encoder.ts';
import { QueryProperties } from '../../../../engine/runtime/session/session-properties.ts';
import type { DataSource } from '../../../../language/metastore/metastore.ts';
import { BIGINT, INTEGER, STRING } from '../../../../language/types/sql-type.ts';

const source: DataSource = {
  name: 'Aggregate/GroupBy',
  kind: 'STREAM',
  schema: {
    columns: [
      { name: 'B', type: STRING, namespace: 'key' },
      { name: 'B', type: STRING, namespace: 'value' },
      { name: 'ROWTIME', type: BIGINT, namespace: 'value' },
      { name: 'A', type: INTEGER, namespace: 'value' },
    ],
  },
  topic: 'app-Aggregate-GroupBy-repartition',
  keyFormat: { name: 'KAFKA' },
  valueFormat: { name: 'JSON' },
  readOnly: true,
  createdAs: false,
  statementText: '',
};

/** Values that ksqlDB 7.9.9 was seen to write. */
const SEEN = {
  added: '{"B":"z","ROWTIME":5000,"A":12}\u0001',
  removed: '{"B":"z","ROWTIME":6200,"A":14}\u0000',
  changed: '>{"B":"z","ROWTIME":6100,"A":14}{"B":"z","ROWTIME":6100,"A":13}\u0002',
};

const encoder = async () =>
  new ChangedRowEncoder(await RowEncoder.create(source, undefined, new QueryProperties(new Map(), new Map())));
const text = (bytes: Uint8Array | null) => Buffer.from(bytes!).toString();

test('changes are written as Kafka Streams writes them', async () => {
  const rows = await encoder();
  expect(text(rows.encodeValue(['z', 5000, 12], null))).toBe(SEEN.added);
  expect(text(rows.encodeValue(null, ['z', 6200, 14]))).toBe(SEEN.removed);
  expect(text(rows.encodeValue(['z', 6100, 14], ['z', 6100, 13]))).toBe(SEEN.changed);
  expect(rows.encodeValue(null, null)).toBeNull();
});

test('both rows are found again, whatever their lengths', async () => {
  const rows = await encoder();
  for (const [newLength, oldLength] of [
    [0, 0],
    [1, 300],
    [100, 3],
    [20_000, 70_000],
  ] as const) {
    const [added, removed] = ['n'.repeat(newLength), 'o'.repeat(oldLength)];
    const bytes = Buffer.concat([
      Buffer.from('front'),
      rows.encodeValue([added, 1, 2], [removed, 3, 4])!,
      Buffer.from('end'),
    ]);
    const { before, after } = rowRanges(bytes, 5, bytes.length - 3);
    expect(bytes.toString('utf8', after!.start, after!.end)).toBe(`{"B":"${added}","ROWTIME":1,"A":2}`);
    expect(bytes.toString('utf8', before!.start, before!.end)).toBe(`{"B":"${removed}","ROWTIME":3,"A":4}`);
  }
});

test.each([
  ['', 'unknown mark'],
  ['{}\u0007', 'unknown mark'],
  ['\u0009{}\u0002', 'cut off'],
  ['\u00ff\u00ff\u0002', 'cut off'],
])('what is no change is refused: %j', (bytes, message) => {
  const value = Buffer.from(bytes, 'latin1');
  expect(() => rowRanges(value, 0, value.length)).toThrow(message);
});
