import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const FILES = {
  'main.ksql': `CREATE TABLE totals AS SELECT item, SUM(paid) AS total FROM priced GROUP BY item;
SELECT item, total FROM totals EMIT CHANGES;
`,
  'priced.ksql': `CREATE STREAM priced AS
  SELECT orders.item, qty * price AS paid FROM orders JOIN items ON orders.item = items.id;
`,
  'sources.ksql': `CREATE STREAM orders (id INT KEY, item STRING, qty INT) WITH (KAFKA_TOPIC = 'o', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE TABLE items (id STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC = 'i', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
INSERT INTO orders VALUES (1, 'pear', 2);
`,
};

describe.skipIf(host.kind === 'none')('files of one folder', () => {
  const workbench = openWorkbench('workspace', THEMES.dark, FILES);
  const word = (text: string) => workbench.lines.locator('span', { hasText: new RegExp(`^\\s*${text}$`) }).last();
  const rename = async (from: string, to: string) => {
    await workbench.focusEditor();
    await word(from).dblclick();
    await workbench.page.keyboard.press('F2');
    // The box stays in the page once it was there.
    await workbench.page.locator('.rename-box .rename-input:focus').waitFor();
    await workbench.page.keyboard.type(to);
    await workbench.page.keyboard.press('Enter');
  };

  test('know what the others make: nothing is said to be missing, and what is made tells its columns', async () => {
    await workbench.openFile('main.ksql');
    await workbench.lenses.first().waitFor();
    await word('priced').hover();
    await workbench.page.locator('.monaco-hover:visible', { hasText: 'PAID' }).waitFor();
    expect(await workbench.errors.count()).toBe(0);
    expect(await workbench.editor.locator('.squiggly-warning').count()).toBe(0);
    await workbench.screenshot('1-known');
  });

  test('a column is renamed in every statement that hands it on, through three files', async () => {
    await workbench.openFile('sources.ksql');
    await workbench.lenses.first().waitFor();
    await rename('item', 'fruit');
    for (const file of Object.keys(FILES) as (keyof typeof FILES)[])
      await expect.poll(() => workbench.read(file)).toBe(FILES[file].replaceAll(/\bitem\b/g, 'fruit'));
    await workbench.screenshot('2-renamed');
  });

  test('a source is renamed in all of them', async () => {
    await rename('orders', 'purchases');
    const files = ['sources.ksql', 'priced.ksql'] as const;
    for (const file of files)
      await expect
        .poll(() => workbench.read(file))
        .toBe(FILES[file].replaceAll('orders', 'purchases').replaceAll(/\bitem\b/g, 'fruit'));
    expect(workbench.read('main.ksql')).toBe(FILES['main.ksql'].replaceAll(/\bitem\b/g, 'fruit'));
  });
});
