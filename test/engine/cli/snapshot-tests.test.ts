import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { readCells } from '../../../language/notebook/script-cells.ts';
import { Workplace } from '../../support/ksql-command.ts';

const place = new Workplace();
afterAll(() => place.remove());

const notebook = (ada: number) => `-- # Orders

CREATE STREAM orders (id STRING KEY, units INT) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 2);

CREATE TABLE totals AS SELECT id, SUM(units) AS total FROM orders GROUP BY id;

INSERT INTO orders (id, units) VALUES ('bob', 4);
INSERT INTO orders (id, units) VALUES ('ada', 3);
INSERT INTO orders (id, units) VALUES ('ada', 5);

-- What is there at the end: the newest row of each key.

SELECT * FROM totals EMIT CHANGES;
--> ID KEY, TOTAL
--> "ada", ${ada}
--> "bob", 4
--> 2 rows

SELECT ROWTIME, id, units FROM orders EMIT CHANGES;
--> ID KEY, UNITS
--> "ada", 3
--> "ada", 5
--> "bob", 4
--> 3 rows
`;

describe('a notebook on the command line', () => {
  test('is a script: checked and run as one', async () => {
    const file = place.write('orders.ksqlnb', notebook(8));
    const checked = await place.run(['check', file]);
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.stdout).not.toMatch(/: (?:error|warning) /);
    const { code, stdout } = await place.run(['run', file, '--until-end', '--output', 'csv']);
    expect(code).toBe(0);
    expect(stdout).toContain('ada,8');
  });

  test('keeps its prose and snapshots when it is formatted', async () => {
    const file = place.write('format.ksqlnb', notebook(8).replace('SELECT ROWTIME', 'select rowtime'));
    await place.run(['format', file, '--write']);
    const formatted = readFileSync(file, 'utf8');
    expect(formatted).toContain('SELECT rowtime');
    expect(readCells(formatted).cells.map(({ kind, snapshot }) => [kind, snapshot])).toEqual(
      readCells(notebook(8)).cells.map(({ kind, snapshot }) => [kind, snapshot]),
    );
  });

  test('its snapshots are compared with a new run, and what differs is told', async () => {
    const file = place.write('same.ksqlnb', notebook(8));
    expect(await place.run(['test', file, '--snapshots'])).toMatchObject({
      code: 0,
      stdout: '2 passed, 0 failed, 0 skipped\n',
    });
    const other = place.write('other.ksqlnb', notebook(9));
    const { code, stdout } = await place.run(['test', other, '--snapshots']);
    expect(code).toBe(1);
    expect(stdout).toContain('snapshot of the cell in line 13');
    expect(stdout).toContain('- "ada", 9\n    + "ada", 8');
    expect(stdout).toContain('1 passed, 1 failed');
    expect(stdout).not.toContain('"bob"');
  });

  test('a script that fails before a snapshot says so, and a snapshot of nothing, too', async () => {
    const text = notebook(8).replace('SUM(units)', 'SUM(unit)').concat("\nSET 'a' = 'b';\n--> A\n");
    const { code, stdout } = await place.run(['test', place.write('broken.ksqlnb', text), '--snapshots']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/The script could not be run to here: line 5: .*UNIT/);
    expect(stdout).toContain('There is no SELECT in its cell');
    expect(stdout).toContain('0 passed, 3 failed');
  });

  test('without --snapshots they are comments', async () => {
    const file = place.write('plain.ksqlnb', notebook(9));
    expect(await place.run(['test', file])).toMatchObject({ code: 2 });
  });
});
