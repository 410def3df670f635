import { describe, expect, test } from 'vitest';
import { lockText } from '../../language/project/schema-lock.ts';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const FILES = {
  'main.ksql': `CREATE TABLE totals AS SELECT item, SUM(paid) AS total FROM priced GROUP BY item;
SELECT item, total FROM totals EMIT CHANGES;
SELECT id FROM orders EMIT CHANGES;
`,
  'priced.ksql': `CREATE STREAM priced AS
  SELECT orders.item, qty * price AS paid FROM orders JOIN items ON orders.item = items.id;
`,
  'sources.ksql': `CREATE STREAM orders (id INT KEY, item STRING, qty INT) WITH (KAFKA_TOPIC = 'o', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE TABLE items (id STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC = 'i', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
`,
  'visits.ksql': "INSERT INTO visits (id, page) VALUES (1, 'start');\n",
  'locked/clicks.ksql': 'SELECT page, nothing FROM clicks EMIT CHANGES;\n',
  'locked/ksql.lock.json': lockText({
    version: 1,
    sources: {
      CLICKS: {
        kind: 'STREAM',
        topic: 'clicks',
        keyFormat: 'KAFKA',
        valueFormat: 'JSON',
        columns: [{ name: 'PAGE', type: 'STRING', namespace: 'value' }],
        statementText: "CREATE STREAM CLICKS (PAGE STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
      },
    },
    types: {},
    topics: { clicks: { partitions: 4, replicas: 1 } },
    functions: {},
  }),
};

describe.skipIf(host.kind === 'none')('a project in the workbench', () => {
  const workbench = openWorkbench('project', THEMES.light, FILES);
  const word = (text: string) => workbench.lines.locator('span', { hasText: new RegExp(`^\\s*${text}$`) }).last();
  const rowsOf = (view: string) => workbench.page.locator(`${view} .monaco-list-row`);

  test('references are peeked at in the three files that name a source', async () => {
    await workbench.openFile('sources.ksql');
    await workbench.lenses.first().waitFor();
    await workbench.focusEditor();
    await word('orders').click();
    await workbench.page.keyboard.press('Shift+F12');
    const peek = rowsOf('.reference-zone-widget .ref-tree');
    for (const file of ['sources.ksql', 'priced.ksql', 'main.ksql']) await peek.filter({ hasText: file }).waitFor();
    await workbench.screenshot('1-references');
    await workbench.page.keyboard.press('Escape');
  });

  test('the hierarchy of calls says who reads a source, across files', async () => {
    await workbench.focusEditor();
    await word('orders').click();
    await workbench.page.keyboard.press('Shift+Alt+H');
    const callers = rowsOf('.sidebar');
    await callers.filter({ hasText: 'PRICED' }).waitFor();
    await callers.filter({ hasText: 'SELECT id FROM orders' }).waitFor();
    await workbench.screenshot('2-lineage');
    await workbench.page.keyboard.press('Control+Shift+E');
  });

  test('hints say what is not written', async () => {
    await workbench.openFile('priced.ksql');
    await workbench.lines.filter({ hasText: /paid:\s?DOUBLE/ }).waitFor();
    await workbench.screenshot('3-hints');
  });

  test('a CREATE STREAM is made for what an INSERT names and nothing makes', async () => {
    await workbench.openFile('visits.ksql');
    await workbench.editor.locator('.squiggly-error, .squiggly-warning').first().waitFor();
    await workbench.focusEditor();
    await word('visits').click();
    await workbench.page.keyboard.press('Control+.');
    const action = workbench.page.locator('.action-widget .monaco-list-row', { hasText: 'Create the stream VISITS' });
    await action.click();
    await workbench.lines.filter({ hasText: 'CREATE STREAM visits' }).waitFor();
    await workbench.screenshot('4-created');
    await expect.poll(() => workbench.editor.locator('.squiggly-error, .squiggly-warning').count()).toBe(0);
  });

  test('a lock stands for the cluster while nothing is connected', async () => {
    await workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'locked' }).click();
    await workbench.openFile('clicks.ksql');
    await workbench.errors.first().waitFor();
    expect(await workbench.errors.count()).toBe(1);
    await word('clicks').hover();
    await workbench.page.locator('.monaco-hover:visible', { hasText: 'PAGE' }).waitFor();
    expect(workbench.engines()).toEqual([]);
    await workbench.screenshot('5-locked');
  });
});
