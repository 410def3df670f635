import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

/** Many records at once, so that the viewer has something to look through; and a few to look at. */
const SCRIPT = `CREATE STREAM fruit (id INT KEY, item STRING, units INT) WITH (KAFKA_TOPIC = 'fruit', VALUE_FORMAT = 'JSON', PARTITIONS = 2);
INSERT INTO fruit (rowtime, id, item, units) VALUES (1796040000000, 1, 'apple', 3);
INSERT INTO fruit (rowtime, id, item, units) VALUES (1796040060000, 2, 'pear', 1);
INSERT INTO fruit (rowtime, id, item, units) VALUES (1796040120000, 3, 'apple', 4);
INSERT INTO fruit (rowtime, id, item, units) VALUES (1796040180000, 4, 'quince', 2);
CREATE SOURCE CONNECTOR orders WITH ('connector.class' = 'DatagenConnector', 'kafka.topic' = 'orders', 'quickstart' = 'ORDERS', 'iterations' = '300000', 'max.interval' = '0');
`;

describe.skipIf(host.kind === 'none').each(['dark', 'light', 'highContrast'] as const)('topics, %s', (theme) => {
  const workbench = openWorkbench(`topics-${theme}`, THEMES[theme], { 'fruit.ksql': SCRIPT });
  const tab = () => workbench.newestResults;
  const rows = () => tab().locator('.grid-row:visible');
  const tree = (name: RegExp) => workbench.page.locator('.sidebar .monaco-list-row').filter({ hasText: name });

  test('the records of a topic are a click away, with what they hold beside them', async () => {
    await workbench.openFile('fruit.ksql');
    await workbench.pressLens('Run all', 'first', 60_000);
    await expect.poll(async () => (await workbench.marks()).length, { timeout: 60_000 }).toBeGreaterThan(5);
    await workbench.showView('KSQL');
    await workbench.press(tree(/^Topics/).locator('.monaco-tl-twistie'));
    await workbench.press(tree(/^fruit/));
    await workbench.page.locator('.tab.active[data-resource-name*="ksql.topic"]', { hasText: 'fruit' }).waitFor();
    await expect.poll(() => rows().count(), { timeout: 30_000 }).toBe(4);
    expect(await rows().first().textContent()).toContain('{"ITEM":"apple","UNITS":3}');
    await rows().nth(1).dblclick({ delay: 60 });
    const detail = tab().locator('.detail');
    await detail.waitFor();
    await expect.poll(() => detail.textContent()).toContain('pear');
    await workbench.screenshot('1-records');
  });

  test('a condition in KSQL chooses records, and says what is wrong with it', async () => {
    const where = tab().locator('.topic-tools .search');
    await where.fill("ITEM = 'apple' AND UNITS > 3");
    await where.press('Enter');
    await expect.poll(() => rows().count()).toBe(1);
    expect(await tab().locator('.matches').textContent()).toBe('1 match');
    await where.fill("ITM = 'apple'");
    await where.press('Enter');
    await expect.poll(() => tab().locator('.matches.failed').textContent()).toContain('ITM');
    await workbench.screenshot('2-wrong');
    await where.fill('');
    await where.press('Enter');
    await expect.poll(() => rows().count()).toBe(4);
  });

  test('one goes to a key, and to the next', async () => {
    await workbench.press(tab().locator('.word-button', { hasText: 'Go To' }));
    await workbench.pick('Go to Record', 'Key…');
    await workbench.answer('The whole key', '3');
    await expect.poll(() => tab().locator('.grid-row.selected:visible').textContent()).toContain('"UNITS":4');
    await workbench.press(tab().locator('.word-button', { hasText: 'Next' }));
    await expect
      .poll(() => workbench.notifications.allTextContents())
      .toContainEqual(expect.stringContaining('no other'));
    await workbench.command('Notifications: Clear All Notifications');
  });

  test('a record is filled in and written, again and as a tombstone; a wrong number says so at its field', async () => {
    const form = tab().locator('.record-form');
    const status = form.locator('.record-status');
    const field = (name: string) => form.getByLabel(name);
    const produce = tab().locator('.topic-tools .word-button', { hasText: 'Produce' });
    await workbench.press(produce);
    await form.waitFor();
    // The first field has the focus.
    await workbench.page.keyboard.type('9', { delay: 40 });
    expect(await field('ID').inputValue()).toBe('9');
    await field('ITEM').fill('medlar');
    await field('UNITS').fill('three');
    await workbench.press(form.locator('.button', { hasText: /^Produce$/ }));
    await expect.poll(() => status.textContent()).toContain('Not written');
    expect(await field('UNITS').getAttribute('aria-invalid')).toBe('true');
    expect(await form.locator('.record-problem:not(:empty)').allTextContents()).toEqual([
      'UNITS is a number, which “three” is not.',
    ]);
    await workbench.screenshot('6-form-wrong');
    // What the engine says of a column stands there, too.
    await field('UNITS').fill('1.5');
    await field('UNITS').press('Control+Enter');
    await expect
      .poll(() => form.locator('.record-problem:not(:empty)').allTextContents())
      .toEqual(["UNITS: Can't coerce 1.5 to INTEGER"]);
    await field('UNITS').fill('3');
    await field('Partition').fill('1');
    await workbench.press(form.locator('.word-button', { hasText: 'Add Header' }));
    await workbench.page.keyboard.type('trace', { delay: 40 });
    await field('Value of the header').fill('a1');
    await field('Value of the header').press('Control+Enter');
    await expect.poll(() => status.textContent()).toMatch(/^1 record written · partition 1 · offset \d+$/);
    await expect.poll(() => rows().last().textContent()).toContain('{"ITEM":"medlar","UNITS":3}');
    expect(await rows().last().textContent()).toContain('trace');
    await workbench.screenshot('7-form');
    await workbench.press(field('Tombstone'));
    expect(await field('ITEM').isDisabled()).toBe(true);
    await field('Partition').press('Control+Enter');
    await expect.poll(() => rows().count()).toBe(6);
    expect(await rows().last().textContent()).not.toContain('medlar');
    await workbench.press(field('Tombstone'));
    await workbench.press(form.locator('.button', { hasText: 'Edit as JSON' }));
    await workbench.lenses.filter({ hasText: 'Produce' }).first().waitFor();
    await expect
      .poll(() => workbench.lines.allTextContents())
      .toContainEqual(expect.stringMatching(/"ITEM":\s"medlar"/));
    await workbench.press(workbench.page.locator('.tab[data-resource-name*="ksql.topic"]', { hasText: 'fruit' }));
    await field('ITEM').press('Escape');
    await form.waitFor({ state: 'detached' });
    expect(await produce.getAttribute('aria-expanded')).toBe('false');
  });

  test('many records are scrolled through and searched', async () => {
    await workbench.command('KSQL: Open Topic');
    await workbench.pick('Choose a Topic', 'orders');
    await workbench.page.locator('.tab.active[data-resource-name*="ksql.topic"]', { hasText: 'orders' }).waitFor();
    const scroller = tab().locator('.grid-scroller');
    await expect
      .poll(() => tab().locator('.topic-footer').textContent(), { timeout: 120_000 })
      .toMatch(/^300,000 records/);
    await scroller.evaluate((element) => {
      element.scrollTop = element.scrollHeight / 2;
    });
    await expect.poll(() => rows().first().textContent()).toMatch(/^\d/);
    await workbench.screenshot('3-middle');
    const where = tab().locator('.topic-tools .search');
    await where.fill("ADDRESS->CITY LIKE 'City_1%' AND ORDERUNITS > 9");
    await where.press('Enter');
    await expect.poll(() => tab().locator('.matches').textContent(), { timeout: 60_000 }).toMatch(/^[\d,]+ match$/);
    await workbench.screenshot('4-found');
  });

  test('a narrow window keeps the tools in reach', async () => {
    await workbench.page.setViewportSize({ width: 760, height: 700 });
    await tab().locator('.word-button', { hasText: 'Go To' }).waitFor();
    await workbench.command('KSQL: Fill In a Record for the Topic');
    await tab().locator('.record-form').waitFor();
    await workbench.screenshot('5-narrow');
    await workbench.page.setViewportSize({ width: 1600, height: 1000 });
  });
});
