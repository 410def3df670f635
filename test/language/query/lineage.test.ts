import { expect, test } from 'vitest';
import { columnLineage } from '../../../language/query/lineage.ts';
import { analyze } from '../script/script-fixture.ts';

/** `COLUMN < SOURCE.COLUMN …`, one for each column of the result. */
function lineage(text: string): readonly string[] {
  const statement = analyze(text).statements.at(-1);
  if (statement === undefined || !('query' in statement)) throw new Error(`No query: ${text}`);
  return columnLineage(statement.query).map(
    ({ column, from }) => `${column} < ${from.map((origin) => `${origin.source}.${origin.column}`).join(' ')}`,
  );
}

test.each([
  [
    'SELECT page, id + LEN(user_id) AS x, 1 AS one FROM clicks EMIT CHANGES;',
    ['PAGE < CLICKS.PAGE', 'X < CLICKS.ID CLICKS.USER_ID', 'ONE < '],
  ],
  [
    'CREATE TABLE o AS SELECT item, SUM(qty * price) AS s, MAX(qty) + COUNT(*) AS m FROM orders GROUP BY item;',
    ['ITEM < ORDERS.ITEM', 'S < ORDERS.QTY ORDERS.PRICE', 'M < ORDERS.QTY ORDERS.ROWTIME'],
  ],
  ['CREATE STREAM o AS SELECT id, EXPLODE(tags) AS tag FROM clicks;', ['ID < CLICKS.ID', 'TAG < CLICKS.TAGS']],
  [
    'CREATE STREAM o AS SELECT c.user_id, name FROM clicks c JOIN users u ON c.user_id = u.uid;',
    ['USER_ID < CLICKS.USER_ID USERS.UID', 'NAME < USERS.NAME'],
  ],
  [
    'CREATE TABLE o AS SELECT uid, label FROM users u JOIN regions r ON u.region = r.rid;',
    ['UID < USERS.UID', 'LABEL < REGIONS.LABEL'],
  ],
])('%s', (text, expected) => expect(lineage(text)).toEqual(expected));
