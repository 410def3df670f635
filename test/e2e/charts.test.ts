import type { FrameLocator, Locator } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const CITIES = ['Rome', 'Oslo', 'Bern', 'Paris'];
const FIRST_MS = Date.UTC(2026, 0, 1, 9);
const INSERTS = Array.from({ length: 10 }, (_, minute) =>
  CITIES.map((city, i) => {
    const amount = 20 + ((minute * (i + 2) * 7) % 50);
    return `INSERT INTO visits VALUES ('${city}', ${amount}, ${FIRST_MS + minute * 60_000});`;
  }),
).flat();
const SCRIPT = `SET 'auto.offset.reset' = 'earliest';
CREATE STREAM visits (city STRING KEY, amount INT, seen BIGINT)
  WITH (KAFKA_TOPIC = 'visits', VALUE_FORMAT = 'JSON', PARTITIONS = 1, TIMESTAMP = 'seen');
CREATE TABLE totals AS SELECT city, SUM(amount) AS total FROM visits
  WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY city EMIT CHANGES;
${INSERTS.join('\n')}
SELECT * FROM visits EMIT CHANGES;
SELECT * FROM totals EMIT CHANGES;
`;

describe.skipIf(host.kind === 'none')('charts, the dashboard and the run history', () => {
  const workbench = openWorkbench('charts', THEMES.dark, { 'visits.ksql': SCRIPT });
  /** The results panel, which was opened before the dashboard. */
  const results = (): FrameLocator =>
    workbench.page.frameLocator('iframe.webview.ready >> nth=0').frameLocator('#active-frame');
  const card = () => results().locator('.card.open').first();
  const picture = () => card().locator('.picture');
  const words = () => picture().getAttribute('aria-label');
  const dashboard = (): FrameLocator => workbench.newestResults;
  const tiles = () => dashboard().locator('.tile');
  const titles = () => dashboard().locator('.tile-title').allTextContents();
  const choose = (label: string, option: string) => card().getByLabel(label).selectOption({ label: option });

  async function theme(name: string): Promise<void> {
    await workbench.command('Preferences: Color Theme');
    await workbench.page.keyboard.type(name);
    await workbench.page.waitForTimeout(500);
    await workbench.page.keyboard.press('Enter');
    await workbench.page.waitForTimeout(1000);
  }

  /** Buttons of a tile show while the pointer is over it. */
  async function pressIn(tile: Locator, button: string): Promise<void> {
    await tile.hover();
    await workbench.press(tile.locator(`button[aria-label="${button}"]`));
  }

  beforeAll(async () => {
    if (host.kind === 'none') return;
    await workbench.openFile('visits.ksql');
    await workbench.pressLens('Run all');
    await results().locator('.card', { hasText: 'SELECT * FROM totals' }).waitFor({ timeout: 90_000 });
    await card().locator('.grid-row:visible').nth(9).waitFor({ timeout: 40_000 });
  });

  test('a windowed table is a line for each key over its windows', async () => {
    await workbench.press(card().locator('.segment', { hasText: 'Chart' }));
    await picture().locator('canvas').waitFor();
    await expect.poll(words).toMatch(/^last TOTAL by key: (Rome|Oslo|Bern|Paris), .*; 10 points$/);
    expect((await card().locator('.legend-name').allTextContents()).toSorted()).toEqual(CITIES.toSorted());
    await workbench.screenshot('1-lines');
  });

  test('a click in the legend hides a series, and the pointer tells values', async () => {
    const rome = card().locator('.legend-item', { hasText: 'Rome' });
    await workbench.press(rome);
    await expect.poll(() => rome.getAttribute('aria-pressed')).toBe('false');
    await picture()
      .locator('.u-over')
      .hover({ position: { x: 5, y: 20 } });
    await expect.poll(() => card().locator('.legend-place').last().textContent()).toMatch(/^2026-01-01 \d\d:/);
    await workbench.screenshot('2-hidden');
    await workbench.press(rome);
    await expect.poll(() => rome.getAttribute('aria-pressed')).toBe('true');
  });

  test('times are written as the settings say', async () => {
    const place = async () => {
      const over = picture().locator('.u-over');
      await over.hover({ position: { x: 5, y: 20 } });
      await over.hover({ position: { x: 6, y: 20 } });
      return card().locator('.legend-place').last().textContent();
    };
    workbench.setSetting('ksql.results.timestamps', 'raw');
    await expect.poll(place).toMatch(/^17\d{11}$/);
    await workbench.screenshot('2-milliseconds');
    workbench.setSetting('ksql.results.timestamps', 'utc');
    await expect.poll(place).toMatch(/^2026-01-01 \d\d:/);
    await workbench.screenshot('2-utc');
  });

  test('a drag zooms into a part, a double click shows all again', async () => {
    const whole = card().locator('button[aria-label^="Show all again"]');
    const box = (await picture().locator('.u-over').boundingBox())!;
    const { mouse } = workbench.page;
    await mouse.move(box.x + box.width * 0.3, box.y + 40);
    await mouse.down();
    await mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 8 });
    await workbench.page.waitForTimeout(120);
    await mouse.up();
    await whole.waitFor();
    await expect.poll(async () => Number(/; (\d+) points$/.exec((await words())!)![1])).toBeLessThan(6);
    await workbench.screenshot('3-zoomed');
    await mouse.dblclick(box.x + box.width * 0.5, box.y + 50, { delay: 40 });
    await expect.poll(words).toMatch(/; 10 points$/);
    await expect.poll(() => whole.isVisible()).toBe(false);
  });

  test.each([
    ['Areas', 'area'],
    ['Gauges', 'gauges'],
    ['Bars', 'bars'],
    ['Stacked bars', 'stacked'],
  ])('%s', async (label, kind) => {
    await choose('Kind of chart', label);
    await expect.poll(() => picture().getAttribute('data-kind')).toBe(kind);
    await picture()
      .locator(kind === 'gauges' ? '.gauge' : 'canvas')
      .first()
      .waitFor();
    await workbench.screenshot(`4-${kind}`);
  });

  test('what was chosen is there again when the statement is run again', async () => {
    await choose('How many series', '3');
    await workbench.press(card().locator('button[aria-label="Run again"]'));
    await expect.poll(words).toMatch(/^last TOTAL by key: \w+, \w+, \w+; 10 points$/);
    expect(await picture().getAttribute('data-kind')).toBe('stacked');
  });

  test('a chart is pinned with one click, and stays when its card is closed', async () => {
    await workbench.press(card().locator('button[aria-label="Pin to Dashboard"]'));
    await workbench.press(workbench.notifications.locator('.monaco-button', { hasText: 'Open Dashboard' }));
    await tiles().first().locator('canvas').waitFor();
    expect(await titles()).toEqual(['SELECT * FROM totals EMIT CHANGES']);
    await expect.poll(() => tiles().first().getAttribute('data-state')).toBe('running');
    await workbench.page.locator('.tab', { hasText: 'Results: visits.ksql' }).click();
    await workbench.press(card().locator('button[aria-label="Close"]'));
    const stream = results().locator('.card', { hasText: 'SELECT * FROM visits' });
    await workbench.press(stream.locator('button[aria-label="Pin to Dashboard"]'));
    await workbench.page.locator('.tab', { hasText: 'KSQL Dashboard' }).click();
    await expect.poll(titles).toEqual(['SELECT * FROM totals EMIT CHANGES', 'SELECT * FROM visits EMIT CHANGES']);
    await tiles().nth(1).locator('canvas').waitFor();
    expect(await tiles().first().getAttribute('data-state')).toBe('running');
    await workbench.screenshot('5-dashboard');
  });

  test('charts are moved, renamed and changed', async () => {
    await pressIn(tiles().nth(1), 'Move Back');
    await expect.poll(titles).toEqual(['SELECT * FROM visits EMIT CHANGES', 'SELECT * FROM totals EMIT CHANGES']);
    await pressIn(tiles().nth(1), 'Rename…');
    await workbench.answer('Rename Chart', 'Visits by city');
    await expect.poll(titles).toEqual(['SELECT * FROM visits EMIT CHANGES', 'Visits by city']);
    await pressIn(tiles().nth(0), 'Change the Chart');
    await tiles().nth(0).getByLabel('Kind of chart').selectOption({ label: 'Gauges' });
    await tiles().nth(0).locator('.gauge').first().waitFor();
    await pressIn(tiles().nth(0), 'Change the Chart');
  });

  test.each([
    ['Light Modern', 'light', 1440],
    ['Dark High Contrast', 'contrast', 800],
    ['Dark Modern', 'dark', 1440],
  ])('in %s', async (name, short, width) => {
    await theme(name);
    await workbench.page.setViewportSize({ width, height: 900 });
    await workbench.page.waitForTimeout(1000);
    await workbench.screenshot(`6-${short}`);
  });

  test('after a reload the charts are there, and run again when one says so', async () => {
    await workbench.page.setViewportSize({ width: 1440, height: 900 });
    await workbench.reload();
    await expect.poll(titles).toEqual(['SELECT * FROM visits EMIT CHANGES', 'Visits by city']);
    await workbench.screenshot('7-reloaded');
    await workbench.press(tiles().nth(1).locator('button', { hasText: 'Start' }));
    await tiles().nth(1).locator('canvas').waitFor();
    await workbench.command('KSQL: Start All Charts of the Dashboard');
    await tiles().nth(0).locator('.gauge').first().waitFor();
    await workbench.screenshot('8-started');
    await workbench.command('KSQL: Stop an Engine…');
    await expect.poll(() => tiles().nth(1).locator('.tile-message').textContent()).toMatch(/ended with its engine/);
    await workbench.screenshot('9-engine-gone');
    await workbench.press(tiles().nth(1).locator('button', { hasText: 'Start' }));
    await expect.poll(() => tiles().nth(1).getAttribute('data-state')).toBe('running');
  });

  test('a chart is removed, and an empty dashboard says what to do', async () => {
    await pressIn(tiles().nth(0), 'Remove From Dashboard');
    await expect.poll(titles).toEqual(['Visits by city']);
    await pressIn(tiles().nth(0), 'Remove From Dashboard');
    await dashboard().locator('.empty', { hasText: 'No chart is pinned' }).waitFor();
    await workbench.screenshot('10-empty');
  });

  test('the run history shows, compares and runs again what was run, also before the reload', async () => {
    const { page } = workbench;
    await page.locator('.tab', { hasText: 'KSQL Dashboard' }).click();
    await workbench.command('View: Close Editor');
    await workbench.openFile('visits.ksql');
    await workbench.command('KSQL: Show Run History');
    const rows = page.locator('.pane', { hasText: 'Run History' }).locator('.monaco-list-row');
    const totals = rows.filter({ hasText: 'SELECT * FROM totals' });
    await expect.poll(() => totals.count()).toBeGreaterThanOrEqual(2);
    await totals.first().click();
    await page.locator('.view-line', { hasText: 'WINDOWSTART' }).first().waitFor();
    await workbench.screenshot('11-history');
    await totals.first().hover();
    await totals.first().locator('.action-label[aria-label^="Compare"]').click();
    await workbench.pick('Compare With Another Run', 'SELECT * FROM totals');
    await page.locator('.monaco-diff-editor').waitFor();
    await workbench.screenshot('12-compared');
    await rows.filter({ hasText: 'SELECT * FROM visits' }).first().hover();
    await rows
      .filter({ hasText: 'SELECT * FROM visits' })
      .first()
      .locator('.action-label[aria-label^="Run Again"]')
      .click();
    await results().locator('.card.open .grid-row:visible').first().waitFor({ timeout: 40_000 });
    await expect.poll(() => rows.first().textContent()).toContain('SELECT * FROM visits');
    await workbench.command('KSQL: Clear Run History');
    await expect.poll(() => rows.count()).toBe(0);
    await workbench.screenshot('13-history-empty');
  });
});
