import { expect, test } from 'vitest';
import { dropStatements, planDrop } from '../../../client/explorer/drop-plan.ts';
import type { MetastoreSnapshot } from '../../../language/metastore/metastore-snapshot.ts';

const source = (name: string, kind: 'STREAM' | 'TABLE') => ({
  name,
  kind,
  topic: name,
  keyFormat: 'KAFKA',
  valueFormat: 'JSON',
  statementText: '',
  columns: [],
});
const query = (id: string, sink: string, sources: readonly string[], verb: 'CREATE' | 'INSERT') => ({
  id,
  sink,
  sources,
  statementText: `${verb} …`,
});

const SNAPSHOT: MetastoreSnapshot = {
  sources: [source('ORDERS', 'STREAM'), source('big', 'STREAM'), source('TOTALS', 'TABLE'), source('OTHERS', 'STREAM')],
  types: {},
  queries: [
    query('CSAS_BIG_1', 'big', ['ORDERS'], 'CREATE'),
    query('CTAS_TOTALS_3', 'TOTALS', ['big', 'ORDERS'], 'CREATE'),
    query('INSERTQUERY_5', 'OTHERS', ['ORDERS'], 'INSERT'),
    query('CSAS_ELSE_7', 'ELSE', ['OTHERS'], 'CREATE'),
  ],
};

test('queries that use a source end first, then goes what was made from it, in order', () => {
  const plan = planDrop({ name: 'ORDERS', kind: 'STREAM' }, SNAPSHOT);
  expect(dropStatements(plan, false)).toEqual([
    'TERMINATE CSAS_BIG_1;',
    'TERMINATE CTAS_TOTALS_3;',
    'TERMINATE INSERTQUERY_5;',
    'DROP TABLE TOTALS;',
    'DROP STREAM `big`;',
    'DROP STREAM ORDERS;',
  ]);
});

test('what nothing depends on goes alone', () => {
  const plan = planDrop({ name: 'TOTALS', kind: 'TABLE' }, SNAPSHOT);
  expect(dropStatements(plan, true)).toEqual(['TERMINATE CTAS_TOTALS_3;', 'DROP TABLE TOTALS DELETE TOPIC;']);
});
