import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const SCRIPT = `SET 'auto.offset.reset' = 'earliest';
CREATE STREAM orders (id INT KEY, item STRING) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
INSERT INTO orders (ROWTIME, id, item) VALUES (1000, 1, 'apple');
INSERT INTO orders (ROWTIME, id, item) VALUES (2000, 2, 'pear');
SELECT item, COUNT(*) AS n FROM orders GROUP BY item EMIT CHANGES;
`;

describe.skipIf(host.kind === 'none')('records are captured into a file, and replayed', () => {
  const workbench = openWorkbench('captures', THEMES.dark, { 'orders.ksql': SCRIPT });
  const rows = () => workbench.results.locator('.grid-row:visible').allTextContents();
  const told = () => workbench.notifications.allTextContents();

  test('a capture is a file beside the script, with times and keys', { timeout: 180_000 }, async () => {
    await workbench.openFile('orders.ksql');
    await workbench.pressLens('Run all', 'first', 60_000);
    await expect.poll(rows).toContainEqual(expect.stringMatching(/pear\s*1/));
    await workbench.focusEditor();
    await workbench.command('KSQL: Capture Records of Topics…');
    await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'orders' }).first().click();
    await workbench.page.keyboard.press('Enter');
    await workbench.pick('Records to Capture', 'All of Them');
    const file = path.join(workbench.folder, 'orders.jsonl');
    const dialog = workbench.page.locator('.quick-input-widget', { hasText: 'Capture Records' });
    await expect.poll(() => dialog.locator('input:visible').last().inputValue()).toBe(file);
    await workbench.screenshot('1-where');
    await workbench.page.keyboard.press('Enter');
    await workbench.page.locator('.tab.active', { hasText: 'orders.jsonl' }).waitFor();
    expect(existsSync(file)).toBe(true);
    expect(workbench.read('orders.jsonl')).toMatch(/apple.*\n.*pear.*\n$/s);
    await workbench.screenshot('2-file');
  });

  test('a replay writes them again, and results go on', { timeout: 180_000 }, async () => {
    const entry = workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'orders.jsonl' });
    await workbench.chooseInMenu(entry, 'Replay Captured Records…');
    await workbench.pick('How Fast the Records Come', 'At Once');
    await workbench.pick('Order of the Records', 'In Disorder');
    await workbench.screenshot('3-disorder');
    await workbench.answer('Disorder of the Records', 'seed=3 duplicates=1');
    await expect.poll(told).toContainEqual(expect.stringContaining('4 records written.'));
    await expect.poll(rows).toContainEqual(expect.stringMatching(/pear\s*3/));
    await workbench.screenshot('4-replayed');
  });
});
