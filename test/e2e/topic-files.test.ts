import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const SCRIPT = `CREATE STREAM orders (id INT KEY, item STRING, units INT) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
SELECT item, SUM(units) AS units FROM orders GROUP BY item EMIT CHANGES;
`;
const TRIPLE = {
  'triples/statements.sql': `CREATE STREAM a (n INT) WITH (KAFKA_TOPIC = 'a', VALUE_FORMAT = 'JSON');
CREATE STREAM b AS SELECT * FROM a;
`,
  'triples/input.json': '{"inputs": [{"topic": "a", "value": {"N": 1}}]}',
  'triples/output.json': '{"outputs": [{"topic": "B", "value": {"N": 2}}]}',
};

describe.skipIf(host.kind === 'none')('records to write, and files of tests', () => {
  const workbench = openWorkbench(
    'topic-files',
    THEMES.light,
    { 'orders.ksql': SCRIPT, ...TRIPLE },
    // What is put in as one piece stays as it is.
    { 'editor.autoClosingBrackets': 'never', 'editor.autoIndent': 'none' },
  );

  test('a document of records knows the columns of its topic', {
    timeout: 180_000,
  }, async () => {
    await workbench.openFile('orders.ksql');
    await workbench.pressLens('Run all', 'first', 60_000);
    await workbench.results.locator('.card', { hasText: 'SELECT item' }).first().waitFor({ timeout: 60_000 });
    await workbench.focusEditor();
    await workbench.command('KSQL: Produce Records…');
    await workbench.pick('Choose a Topic', 'orders');
    const produce = workbench.lenses.filter({ hasText: 'Produce' });
    await produce.first().waitFor();
    await expect.poll(() => workbench.lines.allTextContents()).toContainEqual(expect.stringMatching(/"ITEM":\s""/));
    const records = [
      { key: 1, value: { ITEM: 'apple', UNITS: 3 }, timestamp: 1000, headers: { trace: 'a1' } },
      { key: 2, value: { ITM: 'pear', UNITS: 1 }, timestamp: 2000 },
      { key: 3, value: { ITEM: 'apple', UNITS: 4 }, timestamp: 3000 },
    ];
    const lines = records.map((record) => `    ${JSON.stringify(record)}`).join(',\n');
    await workbench.replaceAll(
      `{\n  "$schema": "ksql-records:/orders.json",\n  "topic": "orders",\n  "records": [\n${lines}\n  ]\n}\n`,
    );
    await produce.first().waitFor();
    // The schema has come once it knows that a column is misspelt.
    await workbench.page.locator('.squiggly-warning').first().waitFor({ timeout: 30_000 });
    await workbench.screenshot('1-document');
  });

  test('triples of ksql-test-runner are in the Test Explorer', async () => {
    await workbench.command('Test: Refresh Tests');
    await workbench.showView('Testing');
    const row = workbench.page.locator('.test-explorer .monaco-list-row', { hasText: 'statements.sql' });
    await row.first().waitFor({ timeout: 30_000 });
    await workbench.screenshot('5-triple');
  });
});
