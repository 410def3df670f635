import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const SCRIPT = `CREATE STREAM orders (id INT KEY, item STRING) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
INSERT INTO orders VALUES (1, 'apple');
CREATE TABLE totals AS SELECT item, COUNT(*) AS total FROM orders GROUP BY item EMIT CHANGES;
CREATE STREAM big AS SELECT * FROM orders WHERE id > 10 EMIT CHANGES;
SELECT item FROM orders EMIT CHANGES;
`;

describe.skipIf(host.kind === 'none')('sources and what depends on them', () => {
  const workbench = openWorkbench('explorer', THEMES.light, { 'orders.ksql': SCRIPT });

  test('a query says where it will read from, and reads from the beginning in the same card', async () => {
    await workbench.openFile('orders.ksql');
    await workbench.lenses.filter({ hasText: 'Preview from now on' }).first().waitFor();
    await workbench.pressLens('Run all');
    const cards = workbench.results.locator('.card', { hasText: 'SELECT item' });
    await expect.poll(() => cards.first().textContent(), { timeout: 40_000 }).toContain('Waiting for new rows');
    await workbench.screenshot('1-now');
    await workbench.press(cards.first().locator('.link', { hasText: 'Read from the beginning' }));
    await cards.first().locator('.grid-row:visible', { hasText: 'apple' }).waitFor();
    expect(await cards.count()).toBe(1);
    expect((await workbench.marks()).at(-1)).toContain('running');
    await workbench.screenshot('2-beginning');
  });

  test('what depends on a source is listed before it is dropped, and dropped first', async () => {
    await workbench.showView('KSQL');
    const tree = workbench.page.locator('.sidebar .monaco-list-row');
    const orders = tree.filter({ hasText: /^ORDERS/ });
    await workbench.chooseInMenu(orders, 'Drop…');
    const dialog = workbench.page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    const text = (await dialog.textContent()) ?? '';
    for (const part of ['table TOTALS', 'stream BIG', 'CTAS_TOTALS_', 'CSAS_BIG_']) expect(text).toContain(part);
    await workbench.screenshot('3-asked');
    await workbench.press(dialog.getByText('Drop All', { exact: true }));
    for (const name of ['ORDERS', 'TOTALS', 'BIG'])
      await expect.poll(() => tree.filter({ hasText: new RegExp(`^${name}`) }).count()).toBe(0);
    await workbench.screenshot('4-dropped');
  });
});
