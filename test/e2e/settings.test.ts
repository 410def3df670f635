import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const SCRIPT = `CREATE STREAM orders (id STRING KEY, units INT) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
INSERT INTO orders (ROWTIME, id, units) VALUES (1719835200000, 'ada', 1204311);
SELECT id, units, ROWTIME FROM orders EMIT CHANGES;
DROP STREAM orders;
`;

describe.skipIf(host.kind === 'none')('with every habit another', () => {
  const settings = {
    'ksql.codeLens.explain': false,
    'ksql.codeLens.runAll': false,
    'ksql.marks.gutter': false,
    'ksql.marks.endOfLine': false,
    'ksql.hints': false,
    'ksql.run.readFrom': 'beginning',
    'ksql.run.confirmDestructive': 'always',
    'ksql.run.confirmFile': 'always',
    'ksql.results.placement': 'active',
    'ksql.results.timestamps': 'raw',
    'ksql.results.thousandsSeparators': false,
    'ksql.results.density': 'comfortable',
  };
  const workbench = openWorkbench('settings', THEMES.dark, { 'orders.ksql': SCRIPT }, settings);
  const page = () => workbench.page;
  const row = () => workbench.results.locator('.grid-row:visible').first();
  const dialog = () => page().locator('.monaco-dialog-box');

  test('lenses are those that are wanted, and say that queries read from the beginning', async () => {
    await workbench.openFile('orders.ksql');
    await workbench.lenses.filter({ hasText: '▷ Run from the beginning' }).waitFor({ timeout: 40_000 });
    const titles = (await workbench.lenses.allTextContents()).join(' ');
    expect(titles).not.toMatch(/Explain|Run all/);
  });

  test('a file asks before it runs; its result stands over the editor, as the settings show it', async () => {
    await workbench.command('KSQL: Run File');
    await dialog().getByText('Run all of orders.ksql').waitFor();
    await workbench.screenshot('1-asks');
    await page().keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(await page().locator('.tab', { hasText: 'Results' }).count()).toBe(0);
    for (const which of ['first', 'second', 'third'].keys()) {
      await page()
        .locator('.tab', { hasText: /^orders\.ksql/ })
        .click();
      await workbench.lenses.nth(which).waitFor();
      await workbench.press(workbench.lenses.filter({ hasText: '▷ Run' }).nth(which));
      await page().locator('.tab.active', { hasText: 'Results' }).waitFor({ timeout: 60_000 });
    }
    await row().waitFor({ timeout: 60_000 });
    expect(await row().locator('.cell').allTextContents()).toEqual(['ada', '1204311', '1719835200000']);
    expect(await row().evaluate((each) => each.getBoundingClientRect().height)).toBe(28);
    expect(await page().locator('.editor-group-container').count()).toBe(1);
    await workbench.screenshot('2-results');
  });

  test('a setting that changes meanwhile shows at once', async () => {
    workbench.setSetting('ksql.results.timestamps', 'utc');
    await workbench.results.locator('.grid-row .cell', { hasText: '2024-07-01 12:00:00.000' }).first().waitFor();
  });

  test('nothing stands behind a statement or in the gutter; DROP asks', async () => {
    await page()
      .locator('.tab', { hasText: /^orders\.ksql/ })
      .click();
    expect(await workbench.marks()).toEqual([]);
    expect(await page().locator('.glyph-margin-widgets .cgmr').count()).toBe(0);
    await workbench.pressLens('▷ Run', 'last');
    await dialog().getByText('Run DROP STREAM orders').waitFor();
    await workbench.screenshot('3-drop');
    await workbench.press(dialog().locator('.monaco-button', { hasText: 'Run' }));
    await workbench.results.locator('.card', { hasText: 'DROP STREAM' }).first().waitFor();
  });
});
