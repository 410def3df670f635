import { describe, expect, test } from 'vitest';
import { analyze, marked } from '../script/script-fixture.ts';

const RUNNING = {
  filtered: 'CREATE STREAM o AS SELECT id, page FROM clicks WHERE id > 3;',
  rekeyed: 'CREATE STREAM o AS SELECT UCASE(page) AS p, id FROM clicks PARTITION BY UCASE(page);',
  counted: 'CREATE TABLE o AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item;',
  summed: 'CREATE TABLE o AS SELECT item, SUM(qty) AS n FROM orders GROUP BY item HAVING COUNT(*) > 1;',
  windowed: 'CREATE TABLE o AS SELECT item, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY item;',
  joined: 'CREATE STREAM o AS SELECT u.uid, c.page FROM clicks c JOIN users u ON c.user_id = u.uid;',
};

/** What runs, what is to take its place with the refused clause marked, and a part of what is said of it. */
const REFUSED: readonly (readonly [running: keyof typeof RUNNING, replacement: string, reason: string])[] = [
  ['filtered', 'CREATE OR REPLACE STREAM o AS SELECT id, page FROM «other»;', 'topicName'],
  [
    'rekeyed',
    'CREATE OR REPLACE STREAM o AS SELECT LCASE(page) AS p, id FROM clicks PARTITION BY «LCASE(page)»;',
    'keyExpressions',
  ],
  [
    'counted',
    'CREATE OR REPLACE TABLE o AS SELECT item, COUNT(qty) AS n FROM orders GROUP BY «item»;',
    'columns not part of aggregate',
  ],
  [
    'counted',
    'CREATE OR REPLACE TABLE o AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item HAVING «COUNT(*) > 1»;',
    'must have matching class. Values differ: StreamAggregate vs. TableFilter',
  ],
  [
    'counted',
    'CREATE OR REPLACE TABLE o AS SELECT item, COUNT(*) AS n FROM orders WHERE qty > 2 GROUP BY «item»;',
    'matching columns not part of aggregate. Values differ: ITEM, ROWTIME vs. ITEM, ROWTIME, QTY',
  ],
  ['summed', 'CREATE OR REPLACE TABLE o AS SELECT item, SUM(qty) AS n FROM orders GROUP BY «item»;', 'aggregate'],
  [
    'windowed',
    'CREATE OR REPLACE TABLE o AS SELECT item, COUNT(*) AS n FROM orders WINDOW «TUMBLING (SIZE 1 HOUR)» GROUP BY item;',
    'Upgrades not yet supported for StreamWindowedAggregate',
  ],
  [
    'joined',
    'CREATE OR REPLACE STREAM o AS SELECT u.uid, c.page FROM «clicks c JOIN users u ON c.user_id = u.uid» WHERE c.id > 1;',
    'Upgrades not yet supported for StreamTableJoin',
  ],
  [
    'filtered',
    'CREATE OR REPLACE STREAM o AS SELECT c.id, c.page FROM clicks c JOIN users u ON c.user_id = u.uid PARTITION BY «c.id»;',
    'must have matching class. Values differ: StreamSelectKey vs. StreamSource',
  ],
];

const ACCEPTED: readonly (readonly [running: keyof typeof RUNNING, replacement: string])[] = [
  ['filtered', 'CREATE OR REPLACE STREAM o AS SELECT id, page, seen FROM clicks WHERE id > 5 AND page IS NOT NULL;'],
  ['filtered', 'CREATE OR REPLACE STREAM o AS SELECT id, page FROM clicks;'],
  [
    'rekeyed',
    'CREATE OR REPLACE STREAM o AS SELECT UCASE(page) AS p, id FROM clicks WHERE id > 1 PARTITION BY UCASE(page);',
  ],
  // A filter may read what goes through the aggregation already.
  ['counted', "CREATE OR REPLACE TABLE o AS SELECT item, COUNT(*) AS n FROM orders WHERE item <> 'a' GROUP BY item;"],
  [
    'summed',
    'CREATE OR REPLACE TABLE o AS SELECT item, SUM(qty) AS n FROM orders WHERE qty > 2 GROUP BY item HAVING COUNT(*) > 1;',
  ],
];

const OTHER =
  "CREATE STREAM other (id BIGINT KEY, page STRING) WITH (KAFKA_TOPIC='other', PARTITIONS=2, VALUE_FORMAT='JSON');";

describe('CREATE OR REPLACE of a query', () => {
  test.each(REFUSED)('%s: %s', (running, replacement, reason) => {
    const before = `${OTHER}\n${RUNNING[running]}\n`;
    const { text, start, end } = marked(replacement);
    const { diagnostics } = analyze(before + text);
    expect(diagnostics.map(({ code }) => code)).toEqual(['query-not-upgradeable']);
    const [{ message, range }] = diagnostics as [(typeof diagnostics)[number]];
    expect(message).toContain(reason);
    expect((before + text).slice(range.start, range.end)).toBe(text.slice(start, end));
  });

  test.each(ACCEPTED)('%s: %s', (running, replacement) => {
    expect(analyze(`${RUNNING[running]}\n${replacement}`).diagnostics).toEqual([]);
  });
});
