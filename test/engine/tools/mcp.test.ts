import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { CLI, Workplace } from '../../support/ksql-command.ts';

const SCRIPT = `CREATE STREAM orders (id INT KEY, item STRING, units INT)
  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE TABLE totals AS SELECT item, SUM(units) AS total FROM orders GROUP BY item EMIT CHANGES;
INSERT INTO orders VALUES (1, 'apple', 2);
INSERT INTO orders VALUES (2, 'pear | fig', 3);
`;

const clients: Client[] = [];
const workplace = new Workplace();
const script = workplace.write('orders.ksql', SCRIPT);
afterAll(() => workplace.remove());
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

/** A model's client, as the official SDK makes one, of `ksql mcp` with these arguments. */
async function connected(...args: string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  clients.push(client);
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [CLI, 'mcp', script, ...args], stderr: 'ignore' }),
  );
  return client;
}

/** What a tool answers: its text, and whether it says that something could not be done. */
async function ask(client: Client, name: string, input: Record<string, unknown> = {}): Promise<[string, boolean]> {
  const { content, isError } = await client.callTool({ name, arguments: input });
  const [first] = content as readonly { readonly type: string; readonly text: string }[];
  return [first!.text, isError === true];
}

describe('ksql mcp', () => {
  test('tells a model what there is, checks what it writes, explains and runs it', { timeout: 60_000 }, async () => {
    const client = await connected();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'ksql_list_sources',
      'ksql_describe',
      'ksql_check',
      'ksql_explain',
      'ksql_query',
    ]);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true);

    const [sources] = await ask(client, 'ksql_list_sources');
    expect(sources).toContain('| ORDERS | STREAM | orders | 1 |');
    expect(sources).toContain('CREATE TABLE TOTALS');
    const [description] = await ask(client, 'ksql_describe', { name: 'TOTALS' });
    expect(description).toContain('TOTAL');

    expect(await ask(client, 'ksql_check', { script: 'SELECT item, unit FROM orders\nEMIT CHANGES;' })).toEqual([
      expect.stringMatching(/^1:14 error unknown-column: .*UNITS/),
      false,
    ]);
    expect(await ask(client, 'ksql_check', { script: 'SELECT item FROM orders EMIT CHANGES;' })).toEqual([
      'Nothing is wrong with the statement.',
      false,
    ]);
    const [plan] = await ask(client, 'ksql_explain', { statement: 'SELECT * FROM totals EMIT CHANGES;' });
    expect(plan).toContain('TOTALS');

    const [rows] = await ask(client, 'ksql_query', { query: 'SELECT * FROM orders EMIT CHANGES', maxRows: 2 });
    expect(rows).toBe(
      `Columns: ID INTEGER, ITEM STRING, UNITS INTEGER
{"ID": 1, "ITEM": "apple", "UNITS": 2}
{"ID": 2, "ITEM": "pear | fig", "UNITS": 3}
2 rows. There may be more rows.`,
    );
    const later = { query: 'SELECT id FROM orders EMIT CHANGES;', fromBeginning: false, maxSeconds: 1 };
    expect((await ask(client, 'ksql_query', later))[0]).toContain('0 rows. The time was over; there may be more rows.');
    const [ended] = await ask(client, 'ksql_query', { query: "SELECT total FROM totals WHERE item = 'apple';" });
    expect(ended).toBe('Columns: TOTAL INTEGER\n{"TOTAL": 2}\n1 row. The query has ended.');
  });

  test('changes nothing unless that is allowed', { timeout: 60_000 }, async () => {
    const reader = await connected();
    const insert = { statements: "INSERT INTO orders VALUES (3, 'plum', 5);" };
    await expect(reader.callTool({ name: 'ksql_execute', arguments: insert })).rejects.toThrow('ksql_execute');
    expect(await ask(reader, 'ksql_query', { query: insert.statements })).toEqual([
      'This tool runs SELECT statements only.',
      true,
    ]);
    expect(await ask(reader, 'ksql_query', { query: 'SELECT 1 FROM orders; DROP STREAM orders;' })).toEqual([
      'Give one statement.',
      true,
    ]);
    const twice = { statement: 'SELECT * FROM orders EMIT CHANGES; DROP TABLE totals;' };
    expect(await ask(reader, 'ksql_explain', twice)).toEqual(['Give one statement.', true]);
    expect((await ask(reader, 'ksql_describe', { name: 'totals; DROP TABLE totals' }))[1]).toBe(true);
    expect((await ask(reader, 'ksql_list_sources'))[0]).toContain('TOTALS');

    const writer = await connected('--allow-changes');
    await ask(writer, 'ksql_execute', insert);
    const [rows] = await ask(writer, 'ksql_query', { query: 'SELECT item FROM orders EMIT CHANGES;', maxRows: 3 });
    expect(rows).toContain('plum');
    const [refused, isError] = await ask(writer, 'ksql_execute', { statements: 'CREATE STREAM more (a INT);' });
    expect([refused, isError]).toEqual([expect.stringContaining('KAFKA_TOPIC'), true]);
  });
});
