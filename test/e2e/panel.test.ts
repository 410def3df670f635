import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

/** Two thousand rows a second, on average half a millisecond from one to the next. */
const SCRIPT = `CREATE STREAM orders (ordertime BIGINT, orderid STRING KEY, itemid STRING, orderunits DOUBLE)
  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE SOURCE CONNECTOR orders WITH (
  'connector.class' = 'DatagenConnector', 'quickstart' = 'orders', 'kafka.topic' = 'orders', 'max.interval' = '1'
);
CREATE STREAM large AS SELECT * FROM orders WHERE orderunits > 9;
SELECT * FROM orders EMIT CHANGES;
`;
const KEPT = 20_000;
/**
 * Watches a grid until some hundred texts in it have changed: how many texts, and how many elements were shown, hidden
 * or moved.
 */
const WATCH_GRID = `new Promise((resolve) => {
  const seen = { texts: 0, elements: 0 };
  const observer = new MutationObserver((records) => {
    for (const { type } of records) seen[type === 'characterData' ? 'texts' : 'elements']++;
    if (seen.texts < 500) return;
    observer.disconnect();
    resolve(seen);
  });
  const sheet = document.querySelector('.card.open .grid-sheet');
  observer.observe(sheet, { subtree: true, childList: true, characterData: true, attributeFilter: ['hidden', 'style'] });
})`;
/** As long as a person holds a button of the mouse down. */
const HELD_MS = 120;

describe.skipIf(host.kind === 'none')('the panel while rows come fast', () => {
  const settings = { 'ksql.results.maxRows': KEPT };
  const workbench = openWorkbench('panel', THEMES.highContrast, { 'orders.ksql': SCRIPT }, settings);
  const card = () => workbench.results.locator('.card.open').first();
  const state = () => card().getAttribute('data-state');
  const button = (name: string) => card().locator(`button[aria-label^="${name}"]`);
  const clipboard = () => workbench.page.evaluate<string>('navigator.clipboard.readText()');
  const seen = async () =>
    Number((await card().locator('.kept').textContent())!.match(/of ([\d,]+)/)![1]!.replaceAll(',', ''));
  const rowsOnScreen = () =>
    card().evaluate((root) => {
      const frame = root.querySelector('.grid-scroller')!.getBoundingClientRect();
      return [...root.querySelectorAll('.grid-row:not([hidden])')]
        .map((row) => ({ text: row.textContent!, top: Math.round(row.getBoundingClientRect().top) }))
        .filter(({ top }) => top > frame.top + 60 && top < frame.bottom - 60)
        .toSorted((a, b) => a.top - b.top);
    });

  async function hold(target: Locator): Promise<void> {
    await target.hover();
    await workbench.page.mouse.down();
    await workbench.page.waitForTimeout(HELD_MS);
    await workbench.page.mouse.up();
  }

  async function menu(row: Locator, item: string): Promise<void> {
    await row.click({ button: 'right' });
    const items = workbench.page.locator('.monaco-menu .action-label');
    await items.filter({ hasText: item }).waitFor();
    expect(await items.allTextContents()).not.toContain('Paste');
    await workbench.pressInMenu(item);
  }

  beforeAll(async () => {
    if (host.kind === 'none') return;
    await workbench.openFile('orders.ksql');
    await workbench.pressLens('Run all');
    await card().locator('.grid-row:visible').nth(20).waitFor({ timeout: 40_000 });
  });

  test('rows in sight take the elements of those before them', async () => {
    const body = await workbench.results.locator('body').elementHandle();
    const page = (await body!.ownerFrame())!;
    const { texts, elements } = await page.evaluate<{ texts: number; elements: number }>(WATCH_GRID);
    // Each update moves the sheet that they lie on, and nothing else.
    expect(elements).toBeLessThan(texts / 20);
  });

  test('each button acts when it is held as a person holds it', async () => {
    await hold(button('Pause'));
    await expect.poll(state).toBe('paused');
    await hold(button('Continue'));
    await expect.poll(state).toBe('running');
    await hold(button('Pin: stays'));
    await hold(button('Unpin'));
    await button('Pin: stays').waitFor();
    await hold(card().locator('.segment', { hasText: 'Chart' }));
    await card().locator('.picture canvas').waitFor();
    await hold(card().locator('.segment', { hasText: 'Rows' }));
    for (const [name, item] of [
      ['Columns to show', 'ITEMID'],
      ['Copy the selected rows', 'As CSV'],
      ['Export what is shown', 'As CSV…'],
    ] as const) {
      await hold(button(name));
      await card().locator('.menu:popover-open', { hasText: item }).waitFor();
      await workbench.page.keyboard.press('Escape');
    }
    await hold(button('Stop'));
    await expect.poll(state).toBe('stopped');
    const before = await card().elementHandle();
    await hold(button('Run again'));
    await expect.poll(state).toBe('running');
    await before!.dispose();
    // What runs again takes the place of its card, unless that is pinned.
    const cards = workbench.results.locator('.card', { hasText: 'SELECT * FROM orders' });
    await expect.poll(() => cards.count()).toBe(1);
    await hold(button('Pin: stays when newer results come'));
    await hold(button('Run again'));
    await expect.poll(() => cards.count()).toBe(2);
    await expect.poll(state).toBe('running');
    await hold(cards.nth(1).locator('button[aria-label="Close"]'));
    await expect.poll(() => cards.count()).toBe(1);
  });

  test('a button keeps the focus, and Space presses it', async () => {
    const focused = () =>
      card().evaluate(({ ownerDocument }) => ownerDocument.activeElement?.getAttribute('aria-label'));
    await card().locator('.chip').focus();
    await workbench.page.keyboard.press('Tab');
    const before = await seen();
    await expect.poll(seen).toBeGreaterThan(before + 500);
    expect(await focused()).toBe('Pause');
    await workbench.page.keyboard.press('Space');
    await expect.poll(state).toBe('paused');
    expect(await focused()).toBe('Continue');
    await workbench.page.keyboard.press('Space');
    await expect.poll(state).toBe('running');
    expect(await focused()).toBe('Pause');
  });

  test('rate, its line and the time are in sight beside the side bar; what was created is one line', async () => {
    const header = (await card().locator('.card-header').boundingBox())!;
    const actions = (await card().locator('.card-header .actions').boundingBox())!;
    for (const part of ['.state', '.chip', '.rate', '.sparkline', '.elapsed']) {
      const box = (await card().locator(part).boundingBox())!;
      expect(box.width).toBeGreaterThan(0);
      expect(box.x + box.width).toBeLessThanOrEqual(header.x + header.width);
      expect(box.x + box.width <= actions.x || box.y >= actions.y + actions.height).toBe(true);
    }
    // The statement, by which cards are told apart, is not cut.
    expect(
      await card()
        .locator('.title')
        .evaluate((each) => each.scrollWidth <= each.clientWidth),
    ).toBe(true);
    const group = workbench.results.locator('.group');
    expect(await group.locator('.group-header').textContent()).toMatch(/^3 statements.*created/);
    await group.locator('.group-header').click();
    await group.locator('.card', { hasText: 'CREATE STREAM large' }).waitFor();
    await workbench.screenshot('1-open-group');
    await group.locator('.group-header').click();
  });

  test.each([1024, 1330])(
    'everything can be pressed in a window %i wide, and a chart has the room of the rows',
    async (width) => {
      await workbench.page.setViewportSize({ width, height: 900 });
      await hold(card().locator('.segment', { hasText: 'Chart' }));
      await card().locator('.picture canvas').waitFor();
      const overhangs = () =>
        card().evaluate((root) => {
          const { right } = root.getBoundingClientRect();
          const buttons = [...root.querySelectorAll('.card-header button, .card-tools > * > button')];
          return buttons.filter((each) => each.getBoundingClientRect().right > right).map(({ outerHTML }) => outerHTML);
        });
      await expect.poll(overhangs).toEqual([]);
      const stack = (await workbench.results.locator('#stack').boundingBox())!;
      const cards = workbench.results.locator('#stack > *');
      const last = (await cards.last().boundingBox())!;
      expect(Math.round(last.y + last.height)).toBeGreaterThanOrEqual(Math.floor(stack.y + stack.height) - 1);
      await workbench.screenshot(`7-${width}-wide`);
      await hold(card().locator('.segment', { hasText: 'Rows' }));
      await workbench.page.setViewportSize({ width: 1440, height: 900 });
    },
  );

  test('what is selected is copied, also where it is not in sight', async () => {
    await card().locator('.grid-row:visible').nth(3).click();
    for (let i = 0; i < 58; i++) await workbench.page.keyboard.press('Shift+ArrowDown');
    await workbench.page.keyboard.press('Control+C');
    await expect.poll(async () => (await clipboard()).split('\n').length).toBe(59);
    const rows = (await clipboard()).split('\n');
    expect(new Set(rows).size).toBe(59);
    await workbench.screenshot('2-selection');
  });

  test('the menu of the grid is its own', async () => {
    // The row in question must still be kept when the menu is open, however long that takes.
    await hold(button('Pause'));
    await card().locator('.grid-scroller').focus();
    await workbench.page.keyboard.press('End');
    const row = card().locator('.grid-row.selected').first();
    await menu(row.locator('.cell').nth(2), 'Copy Rows With Headers');
    await expect.poll(clipboard).toMatch(/^ORDERID\tORDERTIME\tITEMID\tORDERUNITS\n/);
    const item = (await row.locator('.cell').nth(2).textContent())!;
    await menu(row.locator('.cell').nth(2), 'Filter by This Value');
    await expect.poll(() => card().locator('.search').inputValue()).toBe(`ITEMID = '${item}'`);
    await expect.poll(() => card().locator('.matches').textContent()).toMatch(/^[\d,]+ match$/);
    const shown = await card().locator('.grid-row:visible').allTextContents();
    expect(shown.length).toBeGreaterThan(0);
    for (const text of shown) expect(text).toContain(item);
    await menu(card().locator('.grid-row:visible .cell').nth(2), 'Hide Column');
    await expect.poll(() => card().locator('.head:visible').count()).toBe(3);
    await workbench.screenshot('3-filtered');
    await button('Columns to show').click();
    await card().locator('.columns-menu label', { hasText: 'ITEMID' }).click();
    await workbench.page.keyboard.press('Escape');
    await card().locator('.search').fill('');
    await hold(button('Continue'));
  });

  test('rows stay where one looks at them, and say so when they are gone', async () => {
    await expect.poll(seen, { timeout: 40_000 }).toBeGreaterThan(KEPT);
    await card().locator('.grid-scroller').focus();
    await workbench.page.keyboard.press('End');
    await workbench.page.keyboard.press('ArrowUp');
    await expect.poll(() => card().locator('.grid-row.selected').count()).toBe(1);
    const before = await rowsOnScreen();
    const selected = await card().locator('.grid-row.selected').textContent();
    const total = await seen();
    await expect.poll(seen).toBeGreaterThan(total + 3000);
    expect(await rowsOnScreen()).toEqual(before);
    expect(await card().locator('.grid-row.selected').textContent()).toBe(selected);
    await card()
      .locator('.pill', { hasText: /new rows/ })
      .waitFor();
    await workbench.screenshot('4-stays');
    const gone = card().locator('.pill', { hasText: 'no longer kept' });
    await gone.waitFor({ timeout: 40_000 });
    await workbench.screenshot('5-gone');
    await gone.click();
    await expect.poll(async () => (await rowsOnScreen()).length).toBeGreaterThan(5);
    await card().locator('.pill').waitFor({ state: 'hidden' });
  });

  test("the explorer's results open beside the others", async () => {
    await workbench.showView('KSQL');
    const item = workbench.page.locator('.sidebar .monaco-list-row', { hasText: 'LARGE' });
    await item.first().hover();
    await item.first().locator('.action-label[aria-label^="Describe"]').click();
    await workbench.page.locator('.tab', { hasText: 'Results: Explorer' }).waitFor();
    expect(await workbench.page.locator('.editor-group-container').count()).toBe(2);
    await workbench.screenshot('6-explorer');
  });
});
