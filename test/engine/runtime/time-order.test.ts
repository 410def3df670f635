import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Engine } from '../../../engine/index.ts';
import { openEngine } from '../../../engine/open-engine.ts';

/** One row of a topic; records are written in the order of the rows, which is not that of their times. */
interface TimedRow {
  readonly seconds: number;
  readonly key: number;
}

const row = fc.record({ seconds: fc.integer({ min: 0, max: 900 }), key: fc.integer({ min: 0, max: 5 }) });
const rows = fc.array(row, { minLength: 1, maxLength: 25 });

/** The time of a record, or of the column `ts`, is one that a retention of topics leaves alone. */
const timeMs = ({ seconds }: TimedRow): number => 1_000_000_000 + seconds * 1000;

const QUERIES: readonly string[] = [
  ...['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL OUTER JOIN'].map(
    (join) => `SELECT l.k, r.k, l.v, r.v FROM a l ${join} b r WITHIN 2 MINUTES GRACE PERIOD 30 SECONDS ON l.k = r.k`,
  ),
  ...['JOIN', 'LEFT JOIN'].map((join) => `SELECT l.k, l.v, r.v FROM a l ${join} tb r ON l.k = r.k`),
  ...['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL OUTER JOIN'].map(
    (join) => `SELECT l.k, r.k, l.v, r.v FROM ta l ${join} tb r ON l.k = r.k`,
  ),
  'SELECT l.k, l.v, r.v FROM ta l JOIN tb r ON l.f = r.k',
  ...[
    'TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS)',
    'HOPPING (SIZE 2 MINUTES, ADVANCE BY 1 MINUTE, GRACE PERIOD 0 SECONDS)',
    'SESSION (45 SECONDS, GRACE PERIOD 20 SECONDS)',
  ].flatMap((window) =>
    ['k', "'all'"].flatMap((key) =>
      ['CHANGES', 'FINAL'].map(
        (emit) => `SELECT ${key}, WINDOWSTART, COUNT(*), MAX(v) FROM a WINDOW ${window} GROUP BY ${key} EMIT ${emit}`,
      ),
    ),
  ),
];

const SOURCES = { a: 'STREAM', b: 'STREAM', ta: 'TABLE', tb: 'TABLE' } as const;

/**
 * The sources over topics that hold the rows, by a name in front; the time of a row is its record's, or that of its
 * column.
 */
async function write(engine: Engine, prefix: string, byColumn: boolean, data: Record<string, readonly TimedRow[]>) {
  for (const [name, kind] of Object.entries(SOURCES)) {
    const key = kind === 'TABLE' ? 'PRIMARY KEY' : 'KEY';
    const timestamp = byColumn ? ", TIMESTAMP='ts'" : '';
    const topic = `${prefix}_${name}`;
    const inserts = data[name]!.map((each, i) => {
      // By column, the time of a record says nothing: it goes down while records are written.
      const rowtime = byColumn ? 5_000_000_000 - i * 1000 : timeMs(each);
      return `INSERT INTO ${topic} (rowtime, k, v, f, ts) VALUES (${rowtime}, 'k${each.key}', ${i}, 'k${i % 4}', ${timeMs(each)});`;
    });
    await engine.execute(
      `CREATE ${kind} ${topic} (k STRING ${key}, v INT, f STRING, ts BIGINT) WITH (KAFKA_TOPIC='${topic}', VALUE_FORMAT='JSON', PARTITIONS=3${timestamp});
       ${inserts.join('\n')}`,
    );
  }
}

async function answerOf(engine: Engine, sql: string): Promise<readonly string[]> {
  const properties = {
    'auto.offset.reset': 'earliest',
    'ksql.workbench.until.end': 'true',
    'cache.max.bytes.buffering': '0',
  };
  const answer = await engine.ask(sql, { properties });
  if (answer.kind === 'print') throw new TypeError('Not a query');
  const found: string[] = [];
  for (let next = await answer.next(); next !== undefined; next = await answer.next())
    found.push(
      ...next.map(({ values }) =>
        JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
      ),
    );
  return found;
}

test('the time of a column orders partitions and sides as the time of records does', { timeout: 60_000 }, async () => {
  let joined = 0;
  await fc.assert(
    fc.asyncProperty(fc.record({ a: rows, b: rows, ta: rows, tb: rows }), async (data) => {
      const engine = await openEngine({ properties: {} });
      try {
        await write(engine, 'r', false, data);
        await write(engine, 'c', true, data);
        for (const query of QUERIES) {
          const over = (prefix: string) => {
            const text = query.replace(/\b(FROM|JOIN) (\w+)/g, `$1 ${prefix}_$2`);
            return answerOf(engine, text.includes(' EMIT ') ? `${text};` : `${text} EMIT CHANGES;`);
          };
          const byRecord = await over('r');
          expect([query, await over('c')]).toEqual([query, byRecord]);
          joined += byRecord.length;
        }
      } finally {
        await engine.close();
      }
    }),
    // Each run takes many queries: a failure is told as it was found.
    { numRuns: 3, endOnFailure: true },
  );
  expect(joined).toBeGreaterThan(0);
});
