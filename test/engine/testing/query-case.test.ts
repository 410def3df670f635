import { describe, expect, test } from 'vitest';
import { parseExactJson } from '../../../engine/testing/case-json.ts';
import { runQueryCase } from '../../../engine/testing/query-case.ts';
import { expandCases, isTestDocument } from '../../../engine/testing/test-case.ts';

/** What becomes of one case, as a file has it. */
function outcome(test: Record<string, unknown>) {
  const document = parseExactJson(JSON.stringify({ tests: [{ name: 'case', ...test }] }));
  if (!isTestDocument(document)) throw new Error('These are no cases.');
  return runQueryCase(expandCases('case.json', document)[0]!);
}

const INPUT = "CREATE STREAM input (id INT KEY, a INT) WITH (kafka_topic='input', value_format='JSON');";
const counted = (key: string) => ({
  statements: [INPUT, `CREATE TABLE output AS SELECT ${key}, COUNT(*) AS n FROM input GROUP BY ${key};`],
  inputs: [{ topic: 'input', key: 1, value: { a: 2 } }],
  outputs: [{ topic: 'OUTPUT', key: key === 'id' ? 1 : 2, value: { N: 1 } }],
});

describe('topics after a case', () => {
  test('what must not be there', async () => {
    const post = { topics: { blacklist: '.*-repartition' } };
    expect(await outcome({ ...counted('id'), post })).toMatchObject({ verdict: 'passed' });
    expect(await outcome({ ...counted('a'), post })).toMatchObject({
      verdict: 'failed',
      message: expect.stringContaining('query_CTAS_OUTPUT_0-Aggregate-GroupBy-repartition'),
    });
    expect(await outcome({ ...counted('id'), post: { topics: { blacklist: '^OUT' } } })).toMatchObject({
      verdict: 'failed',
      message: 'No topic may match ^OUT after the case, and there is OUTPUT.',
    });
  });

  test('PARTITION BY needs no topic in between', async () => {
    expect(
      await outcome({
        statements: [INPUT, 'CREATE STREAM output AS SELECT * FROM input PARTITION BY a;'],
        inputs: [{ topic: 'input', key: 1, value: { a: 2 } }],
        outputs: [{ topic: 'OUTPUT', key: 2, value: { ID: 1 } }],
        post: { topics: { blacklist: '.*-repartition' } },
      }),
    ).toMatchObject({ verdict: 'passed' });
  });

  test.each([
    [{ name: 'OUTPUT', keyFormat: { format: 'KAFKA' }, valueFormat: { format: 'JSON' }, partitions: 4 }, null],
    [{ name: 'NOWHERE' }, 'Topic NOWHERE should be there after the case.'],
    [{ name: 'OUTPUT', partitions: 3 }, 'Topic OUTPUT should have 3 partitions, and has 1.'],
    [{ name: 'input', valueFormat: { format: 'AVRO' } }, 'Topic input: the value format should be AVRO, and is JSON.'],
    [{ name: 'OUTPUT', keyFormat: { format: 'JSON' } }, 'Topic OUTPUT: the key format should be JSON, and is KAFKA.'],
  ])('what must be there: %j', async (topic, message) => {
    expect(await outcome({ ...counted('id'), post: { topics: { topics: [topic] } } })).toMatchObject({ message });
  });
});

test('an error is compared with what ksqlDB says in full, though the phase is left out here', async () => {
  const failing = (message: string) =>
    outcome({
      statements: ['CREATE STREAM output AS SELECT * FROM nowhere;'],
      expectedException: { type: 'io.confluent.ksql.util.KsqlStatementException', message },
    });
  expect(await failing('Exception while preparing statement: NOWHERE does not exist.')).toMatchObject({
    error: 'message-equal',
  });
  expect(await failing('Exception while preparing statement: SOMEWHERE does not exist.')).toMatchObject({
    error: 'other-words',
  });
});
