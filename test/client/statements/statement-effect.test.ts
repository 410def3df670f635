import { describe, expect, test } from 'vitest';
import { scriptStatements } from '../../../client/statements/script-statements.ts';
import { effectOf, isThere } from '../../../client/statements/statement-effect.ts';
import type { MetastoreSnapshot } from '../../../language/metastore/metastore-snapshot.ts';

const SNAPSHOT: MetastoreSnapshot = {
  sources: [
    {
      name: 'ORDERS',
      kind: 'STREAM',
      topic: 'orders',
      keyFormat: 'KAFKA',
      valueFormat: 'JSON',
      statementText: '',
      columns: [],
    },
  ],
  types: { ADDRESS: 'STRUCT<`CITY` STRING>' },
  queries: [{ id: 'INSERTQUERY_1', sink: 'ORDERS', sources: [], statementText: '' }],
};

describe('what a statement leaves behind, and whether it is there', () => {
  const effect = (text: string) => effectOf(scriptStatements(text)[0]!);

  test.each([
    ['CREATE STREAM orders (a INT) WITH (x = 1);', { kind: 'source', name: 'ORDERS' }, true],
    ['create or replace source table if not exists `o r` (a INT);', { kind: 'source', name: 'o r' }, false],
    ['CREATE STREAM others AS SELECT * FROM orders;', { kind: 'source', name: 'OTHERS' }, false],
    ['CREATE TYPE address AS STRUCT<city STRING>;', { kind: 'type', name: 'ADDRESS' }, true],
    ['CREATE SOURCE CONNECTOR c WITH (x = 1);', { kind: 'connector', name: 'C' }, undefined],
    ['INSERT INTO orders SELECT * FROM a;', { kind: 'query' }, true],
    ['INSERT INTO orders VALUES (1);', { kind: 'rows' }, undefined],
    ['DROP STREAM orders;', { kind: 'change' }, undefined],
    ['SELECT * FROM orders EMIT CHANGES;', { kind: 'shown' }, undefined],
    ['SELECT * FROM orders WHERE a = 1;', { kind: 'none' }, undefined],
    ['SHOW STREAMS;', { kind: 'none' }, undefined],
  ])('%s', (text, expected, there) => {
    expect(effect(text)).toEqual(expected);
    expect(isThere(effect(text), SNAPSHOT, 'INSERTQUERY_1')).toBe(there);
  });
});
