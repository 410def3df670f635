import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueLiteral } from '../../../../engine/testing/recording/value-literal.ts';
import { runSqlTests } from '../../../../engine/testing/sql-tests.ts';
import { type SqlType, STRING } from '../../../../language/types/sql-type.ts';

const DECIMAL: SqlType = { kind: 'DECIMAL', precision: 6, scale: 2 };

test.each<[SqlType, Parameters<typeof valueLiteral>[0], string]>([
  [STRING, "it's", "'it''s'"],
  [{ kind: 'DOUBLE' }, 0.1, '1E-1'],
  [{ kind: 'DOUBLE' }, -1500, '-1.5E+3'],
  [{ kind: 'DOUBLE' }, 5, '5E0'],
  [{ kind: 'DOUBLE' }, Number.NaN, "CAST('NaN' AS DOUBLE)"],
  [DECIMAL, -250n, '-2.50'],
  [{ kind: 'BYTES' }, Uint8Array.of(1, 255), "TO_BYTES('01FF', 'hex')"],
  [{ kind: 'DATE' }, 0, "'1970-01-01'"],
  [{ kind: 'TIMESTAMP' }, 1500, "'1970-01-01T00:00:01.500'"],
  [{ kind: 'ARRAY', element: { kind: 'INTEGER' } }, [1, null], 'ARRAY[1, NULL]'],
  [{ kind: 'MAP', key: STRING, value: { kind: 'BIGINT' } }, new Map([['a', 1]]), "MAP('a' := 1)"],
  [{ kind: 'STRUCT', fields: [{ name: 'a', type: { kind: 'BOOLEAN' } }] }, [true], 'STRUCT(`a` := true)'],
  [STRING, null, 'NULL'],
])('%o: %o is %s', (type, value, text) => {
  expect(valueLiteral(value, type)).toBe(text);
});

test('what is written is read again as the same value', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        s: fc.string({ maxLength: 12 }),
        d: fc.double({ noNaN: true, noDefaultInfinity: true }),
        n: fc.integer({ min: -99_999, max: 99_999 }),
        big: fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
        time: fc.integer({ min: 0, max: 4e12 }),
      }),
      async ({ s, d, n, big, time }) => {
        fc.pre(!s.includes('${') && !/[\n\r]/.test(s));
        const row = [
          valueLiteral(s, STRING),
          valueLiteral(d, { kind: 'DOUBLE' }),
          valueLiteral(BigInt(n), DECIMAL),
          valueLiteral(Number.isSafeInteger(Number(big)) ? Number(big) : big, { kind: 'BIGINT' }),
          valueLiteral(time, { kind: 'TIMESTAMP' }),
        ].join(', ');
        const text = `--@test: literals
          CREATE STREAM s (s STRING, d DOUBLE, n DECIMAL(6, 2), b BIGINT, t TIMESTAMP) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');
          INSERT INTO s (s, d, n, b, t) VALUES (${row});
          ASSERT VALUES s (s, d, n, b, t) VALUES (${row});`;
        for (const { run } of runSqlTests('literals.test.ksql', text))
          expect(await run()).toMatchObject({ verdict: 'passed' });
      },
    ),
    { numRuns: 25 },
  );
});
