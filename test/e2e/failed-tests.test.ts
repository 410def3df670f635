import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const TESTS = `--@test: units of orders
CREATE STREAM orders (id INT KEY, item STRING, units INT) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON');
INSERT INTO orders (id, item, units) VALUES (1, 'apple', 3);
INSERT INTO orders (id, item, units) VALUES (2, 'pear', 4);
INSERT INTO orders (id, item, units) VALUES (4, 'plum', 7);
ASSERT VALUES orders (id, item, units) VALUES (1, 'apple', 3);
ASSERT VALUES orders (id, item, units) VALUES (2, 'pear', 5);
ASSERT VALUES orders (id, item, units) VALUES (3, 'fig', 1);
`;

describe.skipIf(host.kind === 'none').each(['light', 'highContrast'] as const)('a failed test, %s', (theme) => {
  const workbench = openWorkbench(`failed-tests-${theme}`, THEMES[theme], { 'orders.test.ksql': TESTS });
  const rows = () => workbench.results.locator('.grid-row:visible');
  const close = async () => {
    await workbench.results.getByLabel('Close').first().click({ delay: 120 });
    await rows().first().waitFor({ state: 'detached' });
  };

  test('shows what was expected and what came as rows', async () => {
    await workbench.openFile('orders.test.ksql');
    await workbench.pressLens('Run test');
    await workbench.page.locator('.codicon-testing-failed-icon').first().waitFor({ timeout: 60_000 });
    await workbench.command('KSQL: Show the Difference as Rows');
    await rows().nth(4).waitFor({ timeout: 30_000 });
    expect(await rows().evaluateAll((each) => each.map((row) => [...row.children].map((c) => c.textContent)))).toEqual([
      ['same', '1', 'apple', '3'],
      ['expected', '2', 'pear', '5'],
      ['actual', '2', 'pear', '4'],
      ['missing', '3', 'fig', '1'],
      ['unexpected', '4', 'plum', '7'],
    ]);
    expect(await workbench.results.locator('.cell.changed.expected').allTextContents()).toContain('5');
    expect(await workbench.results.locator('.cell.changed.actual').allTextContents()).toContain('4');
    await workbench.screenshot('1-rows');
  });

  test('and does so beside its result and from its menu', async () => {
    await workbench.command('Test Results: Focus on Test Results View');
    const result = workbench.page.locator('.test-output-peek-tree .monaco-list-row', { hasText: 'units of orders' });
    await close();
    await result.hover();
    const show = result.getByLabel('Show the Difference as Rows');
    await show.click({ delay: 120 });
    await rows().nth(4).waitFor();
    // Once more, it takes the place of what it showed.
    await show.click({ delay: 120 });
    await rows().nth(4).waitFor();
    expect(await workbench.results.locator('.card').count()).toBe(1);
    await workbench.screenshot('2-result');
    await close();
    await workbench.showView('Testing');
    const tree = workbench.page.locator('.test-explorer .monaco-list-row');
    const item = tree.filter({ hasText: 'units of orders' });
    await tree.first().click({ delay: 120 });
    await workbench.page.keyboard.press('ArrowRight');
    await item.click({ button: 'right' });
    const entry = 'Show the Difference as Rows';
    await workbench.page.locator('.monaco-menu .action-item', { hasText: entry }).first().waitFor();
    await workbench.screenshot('3-menu');
    await workbench.pressInMenu(entry);
    await rows().nth(4).waitFor();
  });
});
