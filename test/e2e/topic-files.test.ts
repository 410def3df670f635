import { writeFileSync } from 'node:fs';
import path from 'node:path';
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

describe.skipIf(host.kind === 'none')('records are written, and become tests', () => {
  const workbench = openWorkbench('topic-files', THEMES.light, { 'orders.ksql': SCRIPT, ...TRIPLE });
  const rows = () => workbench.results.locator('.grid-row:visible');
  /** The test stands beside the script, where the results are. */
  const runTest = () =>
    workbench.press(workbench.page.locator('.codelens-decoration a', { hasText: 'Run test' }).first());

  test('a document of records knows the columns, writes them, and says which it could not', {
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
    // A document that was kept is one of records, too.
    writeFileSync(
      path.join(workbench.folder, 'records.json'),
      `{\n  "$schema": "ksql-records:/orders.json",\n  "topic": "orders",\n  "records": [\n${lines}\n  ]\n}\n`,
    );
    await workbench.openFile('records.json');
    await produce.first().waitFor();
    // The schema has come once it knows that a column is misspelt.
    await workbench.page.locator('.squiggly-warning').first().waitFor({ timeout: 30_000 });
    await workbench.screenshot('1-document');
    await workbench.pressLens('Produce');
    await workbench.errors.first().waitFor();
    await expect
      .poll(() => workbench.notifications.allTextContents())
      .toContainEqual(expect.stringContaining('2 records written to orders. 1 was refused'));
    await workbench.screenshot('2-refused');
    await workbench.command('Notifications: Clear All Notifications');
    await expect.poll(() => rows().allTextContents()).toContainEqual(expect.stringMatching(/apple.*7/));
  });

  test('a result becomes a test, which passes', { timeout: 180_000 }, async () => {
    const card = workbench.results.locator('.card', { hasText: 'SELECT item' }).first();
    await workbench.press(card.locator('.word-button[title^="Export"]'));
    await workbench.press(workbench.results.locator('.menu-item:visible', { hasText: 'As a Test' }));
    await workbench.page.locator('.tab.active', { hasText: 'orders.test.ksql' }).waitFor({ timeout: 60_000 });
    await expect.poll(() => workbench.read('orders.test.ksql')).toMatch(/ASSERT VALUES RESULT .*'apple', 7\);/);
    await runTest();
    await workbench.page.locator('.codicon-testing-passed-icon').first().waitFor({ timeout: 60_000 });
    await workbench.screenshot('3-passed');
  });

  test('where it fails, what was expected and what came are laid side by side', { timeout: 180_000 }, async () => {
    const file = path.join(workbench.folder, 'orders.test.ksql');
    writeFileSync(file, workbench.read('orders.test.ksql').replace("'apple', 7);", "'apple', 8);"));
    const lines = workbench.page.locator('.view-line');
    await expect.poll(() => lines.allTextContents()).toContainEqual(expect.stringMatching(/8\);/));
    await runTest();
    await workbench.page.locator('.codicon-testing-failed-icon').first().waitFor({ timeout: 60_000 });
    await workbench.command('Test: Peek Output');
    await workbench.page.locator('.monaco-diff-editor').first().waitFor({ timeout: 30_000 });
    await workbench.screenshot('4-failed');
  });

  test('triples of ksql-test-runner are in the Test Explorer', async () => {
    await workbench.command('Test: Refresh Tests');
    await workbench.showView('Testing');
    const row = workbench.page.locator('.test-explorer .monaco-list-row', { hasText: 'statements.sql' });
    await row.first().waitFor({ timeout: 30_000 });
    await workbench.screenshot('5-triple');
  });
});
