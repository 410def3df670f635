import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkContainerRuntime } from '../../engine/broker/redpanda/container-runtime-check.ts';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const examples = path.join(import.meta.dirname, '../../examples');
const FLIGHTS = readFileSync(path.join(examples, 'flights.ksql'), 'utf8');
const SCRATCH = `CREATE STREAM orders (id INT KEY, item STRING, amount DOUBLE)
  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);

SELECT item, COUNT(*) AS total FROM orders GROUP BY item EMIT CHANGES;
`;

describe.skipIf(host.kind === 'none').each(['dark', 'light'] as const)('a workbench in the %s theme', (theme) => {
  const workbench = openWorkbench(theme, THEMES[theme], { 'flights.ksql': FLIGHTS, 'orders.ksql': SCRATCH });

  test('opens a script without errors, with lenses', async () => {
    await workbench.openFile('flights.ksql');
    await workbench.lenses.filter({ hasText: 'Run all' }).waitFor({ timeout: 40_000 });
    await workbench.lenses.filter({ hasText: '▷ Run' }).nth(2).waitFor();
    expect(await workbench.errors.count()).toBe(0);
    await workbench.screenshot('1-script');
  });

  test('shows what is wrong while one types, and takes it away', async () => {
    await workbench.openFile('orders.ksql');
    await workbench.toEnd();
    await workbench.page.keyboard.insertText('SELECT itm FROM orders EMIT CHANGES;');
    await workbench.errors.first().waitFor();
    await workbench.screenshot('2-problem');
    for (let i = 0; i < 'SELECT itm FROM orders EMIT CHANGES;'.length; i++)
      await workbench.page.keyboard.press('Backspace');
    await workbench.errors.first().waitFor({ state: 'detached' });
  });

  test('completes the columns of the source', async () => {
    await workbench.toEnd();
    await workbench.page.keyboard.insertText('SELECT  FROM orders EMIT CHANGES;');
    for (let i = 0; i < ' FROM orders EMIT CHANGES;'.length; i++) await workbench.page.keyboard.press('ArrowLeft');
    await workbench.page.keyboard.type('am');
    const widget = workbench.page.locator('.suggest-widget.visible');
    await widget.locator('.monaco-list-row', { hasText: 'amount' }).waitFor();
    await workbench.screenshot('3-completion');
    await workbench.page.keyboard.press('Tab');
    await expect
      .poll(() => workbench.lines.allTextContents())
      .toContainEqual(expect.stringMatching(/SELECT.amount.FROM/));
  });

  test('explains a source on hover', async () => {
    await workbench.page.keyboard.press('Escape');
    await workbench.editor
      .locator('.view-line span', { hasText: /^orders$/ })
      .last()
      .hover();
    const hover = workbench.page.locator('.monaco-hover:visible', { hasText: 'STREAM' });
    await hover.waitFor();
    expect(await hover.textContent()).toContain('AMOUNT');
    await workbench.screenshot('4-hover');
    await workbench.page.keyboard.press('Escape');
  });

  test('runs a file, and rows stream in beside it', async () => {
    await workbench.openFile('flights.ksql');
    await workbench.pressLens('Run all');
    const card = workbench.results.locator('.card.open').first();
    await card.locator('.grid-row:visible').nth(5).waitFor({ timeout: 40_000 });
    await workbench.screenshot('5-running');
    await expect.poll(() => workbench.statusBar.textContent()).toContain('embedded');
    await workbench.toEnd();
    await workbench.lenses.filter({ hasText: '■ Stop' }).first().waitFor();
    await workbench.screenshot('6-live-lens');
  });

  test('has a picture for the readme', async () => {
    // The side bar goes, the editor shows the queries, and the newest rows are in sight.
    await workbench.page.keyboard.press('Control+B');
    await workbench.results.locator('.card.open .grid-row:visible').nth(15).waitFor({ timeout: 40_000 });
    await workbench.screenshot('readme');
    await workbench.page.keyboard.press('Control+B');
  });

  test('switches between the table and its changes', async () => {
    const card = workbench.results.locator('.card.open').first();
    await card.locator('.segment', { hasText: 'Changes' }).click();
    await expect.poll(() => card.locator('.segment[aria-pressed="true"]').textContent()).toBe('Changes');
    await card.locator('.segment', { hasText: 'Table' }).click();
  });

  test('draws a bar for each key', async () => {
    const card = workbench.results.locator('.card.open').first();
    await card.locator('.segment', { hasText: 'Chart' }).click();
    await card.locator('.picture[data-kind="bars"] canvas').waitFor();
    await card.getByLabel('What is drawn').selectOption({ label: 'WORST_DELAY' });
    // The picture's words for those who do not see it: the name and the value of each bar.
    const values = async () => {
      const words = (await card.locator('.picture').getAttribute('aria-label')) ?? '';
      return [...words.matchAll(/ ([\d,.]+)(?:,|$)/g)].map(([, value]) => Number(value!.replaceAll(',', '')));
    };
    await expect.poll(() => card.locator('.picture').getAttribute('aria-label')).toMatch(/^last WORST_DELAY by key: /);
    await expect.poll(async () => (await values())[0]).toBeGreaterThan(30);
    expect((await values()).length).toBeGreaterThan(5);
    expect(await values()).toEqual((await values()).toSorted((a, b) => b - a));
    await workbench.screenshot('12-chart');
    await card.locator('.segment', { hasText: 'Table' }).click();
  });

  test('filters what is kept', async () => {
    const card = workbench.results.locator('.card.open').first();
    await card.locator('.search').fill('city: Chicago');
    await expect.poll(() => card.locator('.matches').textContent()).toMatch(/[\d,]+ match/);
    const cities = await card.locator('.grid-row:visible').allTextContents();
    expect(cities.length).toBeGreaterThan(0);
    for (const row of cities) expect(row).toContain('Chicago');
    await workbench.screenshot('7-filter');
    await card.locator('.search').fill('nowhere > 5');
    const mistake = card.locator('.matches.failed');
    await expect.poll(() => mistake.textContent()).toContain('nowhere');
    // All of it is in sight.
    expect(await mistake.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    await workbench.screenshot('7-filter-mistake');
    await card.locator('.search').fill('');
  });

  test('hides a column', async () => {
    const card = workbench.results.locator('.card.open').first();
    await card.locator('button[aria-label="Columns to show"]').click();
    await workbench.screenshot('11-columns');
    await card.locator('.columns-menu label', { hasText: 'CITY' }).click();
    await expect
      .poll(() => card.locator('.head:visible').allTextContents())
      .not.toContainEqual(expect.stringContaining('CITY'));
    await card.locator('.columns-menu label', { hasText: 'CITY' }).click();
    await expect
      .poll(() => card.locator('.head:visible').allTextContents())
      .toContainEqual(expect.stringContaining('CITY'));
    await workbench.page.keyboard.press('Escape');
  });

  test('opens a row beside the grid', async () => {
    const card = workbench.results.locator('.card.open').first();
    await card.locator('.grid-row:visible').nth(2).dblclick();
    await card.locator('.detail .leaf').first().waitFor();
    // Below the values stands the record behind them, as the topic holds it.
    const record = card.locator('.detail .tree').nth(1);
    await record
      .locator('.leaf', { hasText: 'topic' })
      .locator('.text-value', { hasText: 'DELAYS_BY_AIRPORT' })
      .waitFor();
    await record
      .locator('.leaf', { hasText: 'value' })
      .locator('.text-value', { hasText: '"LATE_FLIGHTS":' })
      .waitFor();
    await workbench.screenshot('8-row');
    await card.locator('.detail .icon-button').click();
  });

  test('copies rows, and exports what is shown', async () => {
    const card = workbench.results.locator('.card.open').first();
    await card.locator('.search').fill('origin: DFW');
    await card.locator('.grid-row:visible').first().click();
    const clipboard = () => workbench.page.evaluate<string>('navigator.clipboard.readText()');
    const choose = async (menu: string, item: string) => {
      await card.locator(`button[aria-label="${menu}"]`).click();
      await card.locator('.menu-item:visible', { hasText: item }).click();
    };
    await choose('Copy the selected rows', 'As JSON');
    await expect.poll(clipboard).toMatch(/^\{"ORIGIN":"DFW","CITY":"Dallas-Fort Worth",/);
    await choose('Copy the selected rows', 'As INSERT Statements');
    await expect.poll(clipboard).toMatch(/^INSERT INTO delays_by_airport \(ORIGIN, CITY, .*\) VALUES \('DFW', /);
    await choose('Export what is shown', 'As CSV…');
    await workbench.page.locator('.quick-input-widget:visible', { hasText: 'Export' }).waitFor();
    await workbench.page.keyboard.press('Enter');
    await expect
      .poll(() => workbench.read('flights.csv').split('\r\n'))
      .toSatisfy((lines: readonly string[]) => {
        const [header, ...rows] = lines.filter((line) => line !== '');
        return (
          header!.startsWith('ORIGIN,CITY,HOUR_START') && rows.length > 0 && rows.every((row) => /^DFW,/.test(row))
        );
      });
    await card.locator('.search').fill('');
  });

  test('pauses, goes on and stops', async () => {
    const card = workbench.results.locator('.card').first();
    await card.locator('button[aria-label="Pause"]').click();
    await expect.poll(() => card.getAttribute('data-state')).toBe('paused');
    await card.locator('button[aria-label="Continue"]').click();
    await expect.poll(() => card.getAttribute('data-state')).toBe('running');
    await card.locator('button[aria-label="Stop"]').click();
    await expect.poll(() => card.getAttribute('data-state')).toBe('stopped');
    await expect.poll(() => workbench.lenses.filter({ hasText: '■ Stop' }).count()).toBe(0);
  });

  test('the explorer shows what there is', async () => {
    await workbench.showView('KSQL');
    const tree = workbench.page.locator('.sidebar .monaco-list-row');
    await tree.filter({ hasText: 'FLIGHTS' }).first().waitFor();
    await tree.filter({ hasText: 'DELAYS_BY_AIRPORT' }).first().waitFor();
    await workbench.screenshot('9-explorer');
  });

  test('an error of the engine stands where it belongs', async () => {
    await workbench.toEnd();
    await workbench.page.keyboard.insertText('\n\nDROP STREAM departures;');
    await workbench.page.keyboard.press('Control+Enter');
    await workbench.errors.first().waitFor();
    await workbench.results.locator('.card[data-state="failed"]').first().waitFor();
    // The editor has said it already: the engine does not say the same again.
    expect(await workbench.errors.count()).toBe(1);
    await workbench.screenshot('10-engine-error');
  });
});

const FLOOD = `SET 'auto.offset.reset' = 'earliest';
CREATE SOURCE CONNECTOR flood WITH (
  'connector.class' = 'DatagenConnector', 'quickstart' = 'orders', 'kafka.topic' = 'orders', 'max.interval' = '0',
  'iterations' = '400000'
);
CREATE STREAM orders (ordertime BIGINT, orderid INT, itemid STRING, orderunits DOUBLE)
  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON');
SELECT * FROM orders EMIT CHANGES;
`;

describe.skipIf(host.kind === 'none')('a flood of rows', () => {
  const workbench = openWorkbench('flood', THEMES.highContrast, { 'flood.ksql': FLOOD });

  test('leaves the panel usable, and keeps no more than it says', async () => {
    await workbench.openFile('flood.ksql');
    await workbench.pressLens('Run all');
    const card = workbench.results.locator('.card.open').first();
    await card.getByText(/^100,000 of [\d,]+ rows kept/).waitFor({ timeout: 45_000 });
    await card.locator('button[aria-label="Stop"]').click({ timeout: 5_000 });
    await expect.poll(() => card.getAttribute('data-state')).toMatch(/stopped|done/);
    await workbench.screenshot('1-stopped');
    await card.locator('.search').fill('itemid: Item_18');
    await expect.poll(() => card.locator('.matches').textContent()).toMatch(/[\d,]+ match/);
    await card.locator('.search').fill('');
    await card.locator('.segment', { hasText: 'Chart' }).click();
    await card.getByLabel('What is drawn').selectOption({ label: 'ORDERUNITS' });
    await expect
      .poll(() => card.locator('.picture').getAttribute('aria-label'))
      .toMatch(/^average ORDERUNITS: .*; \d{3} points$/);
    await expect.poll(() => workbench.lenses.filter({ hasText: '■ Stop' }).count()).toBe(0);
    await workbench.screenshot('2-chart');
  });
});

const UNREADABLE = `SET 'auto.offset.reset' = 'earliest';
CREATE STREAM texts (v STRING) WITH (KAFKA_TOPIC = 'mixed', VALUE_FORMAT = 'KAFKA', PARTITIONS = 1);
INSERT INTO texts (v) VALUES ('{"n": 1}');
INSERT INTO texts (v) VALUES ('{"n": "one"}');
CREATE STREAM numbers (n INT) WITH (KAFKA_TOPIC = 'mixed', VALUE_FORMAT = 'JSON');
SELECT * FROM numbers EMIT CHANGES;
`;

const LATE = `SET 'auto.offset.reset' = 'earliest';
CREATE STREAM clicks (page STRING) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
INSERT INTO clicks (rowtime, page) VALUES (90000, 'home');
INSERT INTO clicks (rowtime, page) VALUES (1000, 'search');
SELECT page, COUNT(*) FROM clicks WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 0 SECONDS) GROUP BY page EMIT CHANGES;
`;

describe.skipIf(host.kind === 'none')('records that are left out', () => {
  const workbench = openWorkbench('left-out', THEMES.dark, { 'late.ksql': LATE, 'numbers.ksql': UNREADABLE });

  test('because they are late are counted below the rows, and a click away', async () => {
    await workbench.openFile('late.ksql');
    await workbench.pressLens('Run all');
    await workbench.results.getByText('1 late').click({ timeout: 40_000 });
    const row = workbench.results.locator('.card.open').first().locator('.grid-row:visible');
    await row.filter({ hasText: '89,000' }).dblclick();
    const record = workbench.results.locator('.detail .tree').nth(1);
    await record.locator('.leaf', { hasText: 'value' }).getByText('"PAGE":"search"').waitFor();
    await workbench.screenshot('1-late');
  });

  test('because they cannot be read are counted below the rows, and a click away', async () => {
    await workbench.focusEditor();
    await workbench.openFile('numbers.ksql');
    await workbench.pressLens('Run all');
    await workbench.newestResults.getByText('1 unreadable').click({ timeout: 40_000 });
    await workbench.page.locator('.tab', { hasText: 'Processing log' }).waitFor();
    // Beside the script, where the other results are; not in a third column.
    expect(await workbench.page.locator('.editor-group-container').count()).toBe(2);
    const row = workbench.newestResults.locator('.grid-row:visible', { hasText: '{"n": "one"}' });
    await row.waitFor();
    expect(await row.textContent()).toContain('For input string: "one"');
    await workbench.screenshot('2-log');
  });
});

const TESTS = readFileSync(path.join(examples, 'poor-ratings.test.ksql'), 'utf8').replace(
  "('ada', 2, 0, 60000)",
  "('ada', 3, 0, 60000)",
);

const jsonCase = (name: string, expected: number) => ({
  name,
  statements: [
    "CREATE STREAM clicks (id INT KEY, n INT) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON');",
    'CREATE STREAM doubled AS SELECT id, n * 2 AS n FROM clicks;',
  ],
  inputs: [{ topic: 'clicks', key: 1, value: { n: 2 } }],
  outputs: [{ topic: 'DOUBLED', key: 1, value: { N: expected } }],
});
const JSON_CASES = [jsonCase('twice two', 4), jsonCase('twice two is not', 5)].map((each) => JSON.stringify(each));
const JSON_TESTS = `{"tests": [\n${JSON_CASES.join(',\n')}\n]}\n`;

describe.skipIf(host.kind === 'none')('tests', () => {
  const workbench = openWorkbench('tests', THEMES.dark, { 'ratings.test.ksql': TESTS, 'doubled.json': JSON_TESTS });

  test('run from the script, and fail at the statement that was not met', async () => {
    await workbench.openFile('ratings.test.ksql');
    await workbench.pressLens('Run all 2 tests');
    const glyphs = workbench.page.locator('.glyph-margin-widgets, .margin-view-overlays');
    await glyphs.locator('.codicon-testing-passed-icon').first().waitFor({ timeout: 40_000 });
    await glyphs.locator('.codicon-testing-failed-icon').first().waitFor();
    // The badge behind the statement tells both sides.
    await workbench.page
      .getByText(/RATINGS: 2.*RATINGS: 3|RATINGS: 3.*RATINGS: 2/)
      .first()
      .waitFor();
    await workbench.screenshot('1-failed');
  });

  test("run from a file in the form of ksqlDB's own cases", async () => {
    await workbench.focusEditor();
    await workbench.openFile('doubled.json');
    const glyphs = workbench.page.locator('.glyph-margin-widgets, .margin-view-overlays');
    const runs = glyphs.locator('.codicon-testing-run-icon');
    await expect.poll(() => runs.count()).toBe(2);
    await runs.first().click();
    await glyphs.locator('.codicon-testing-passed-icon').first().waitFor({ timeout: 20_000 });
    await runs.first().click();
    await glyphs.locator('.codicon-testing-failed-icon').first().waitFor({ timeout: 20_000 });
    await workbench.screenshot('2-json');
  });
});

const HEALTH = readFileSync(path.join(examples, 'health.ksql'), 'utf8');
const ANOMALY = readFileSync(path.join(examples, 'functions/anomaly.ts'), 'utf8');

describe.skipIf(host.kind === 'none')("a function of one's own", () => {
  const workbench = openWorkbench('functions', THEMES.dark, { 'health.ksql': HEALTH, 'functions/anomaly.ts': ANOMALY });

  test('is known to the editor', async () => {
    await workbench.openFile('health.ksql');
    await workbench.lenses.filter({ hasText: 'Run all' }).waitFor();
    await workbench.errors.first().waitFor({ state: 'detached' });
    await workbench.editor
      .locator('.view-line span', { hasText: /^ANOMALY$/ })
      .last()
      .hover();
    const hover = workbench.page.locator('.monaco-hover:visible', { hasText: 'ANOMALY' });
    await hover.waitFor();
    expect(await hover.textContent()).toContain('How unusual a reading is');
    await workbench.screenshot('1-hover');
    await workbench.page.keyboard.press('Escape');
  });

  test('runs in a query', async () => {
    await workbench.pressLens('Run all');
    const card = workbench.results.locator('.card.open').first();
    await card.locator('.grid-row:visible', { hasText: '6.56' }).waitFor({ timeout: 40_000 });
    await workbench.screenshot('2-rows');
  });
});

describe.skipIf(host.kind === 'none')('a container that cannot be started', () => {
  const settings = { 'ksql.sandbox.image': 'localhost/no-such-image:1' };
  const workbench = openWorkbench('no-container', THEMES.light, { 'flights.ksql': FLIGHTS }, settings);

  test('says which step failed, and what to do', async () => {
    await workbench.openFile('flights.ksql');
    await workbench.command('KSQL: Start the Redpanda Container');
    const failed = workbench.results.locator('.steps li[data-state="failed"]');
    await failed.locator('.button', { hasText: 'Try Again' }).waitFor({ timeout: 60_000 });
    await workbench.screenshot('1-failed');
    expect((await failed.locator('.detail-text').textContent())?.length).toBeGreaterThan(40);
    expect(await workbench.page.locator('.notification-list-item').count()).toBe(0);
  });
});

const runtime = await checkContainerRuntime();
const image = process.env['KSQL_SANDBOX_IMAGE'];
const noContainer =
  host.kind === 'none'
    ? host.reason
    : runtime.kind !== 'answers'
      ? runtime.message
      : image === undefined
        ? 'KSQL_SANDBOX_IMAGE names no image'
        : undefined;
if (noContainer !== undefined)
  console.warn(`\n*** The end-to-end suite on the container is skipped: ${noContainer}. ***\n`);

describe.skipIf(noContainer !== undefined)('the container', () => {
  const settings = {
    'ksql.sandbox.image': image,
    'ksql.sandbox.kafkaPort': 29292,
    'ksql.sandbox.registryPort': 28282,
  };
  const workbench = openWorkbench('container', THEMES.dark, { 'flights.ksql': FLIGHTS }, settings);
  afterAll(async () => {
    await workbench.command('KSQL: Stop the Redpanda Container');
    await workbench.page.locator('.notification-list-item', { hasText: 'is stopped' }).waitFor({ timeout: 30_000 });
  });

  test('is started step by step', { timeout: 120_000 }, async () => {
    await workbench.openFile('flights.ksql');
    await workbench.command('KSQL: Start the Redpanda Container');
    const steps = workbench.results.locator('.steps li');
    await steps.filter({ hasText: 'The schema registry answers' }).waitFor();
    await workbench.screenshot('1-starting');
    await expect
      .poll(() => steps.evaluateAll((items) => items.map((item) => item.getAttribute('data-state'))), {
        timeout: 60_000,
      })
      .toEqual(Array.from({ length: 8 }, () => 'done'));
    await workbench.screenshot('2-started');
    await expect.poll(() => workbench.statusBar.textContent(), { timeout: 30_000 }).toContain('Redpanda');
  });

  test('runs the same file', async () => {
    await workbench.page.locator('.tab', { hasText: 'Redpanda Container' }).locator('.action-label').click();
    await workbench.focusEditor();
    await workbench.pressLens('Run all');
    const card = workbench.results.locator('.card.open').first();
    await card.locator('.grid-row:visible').nth(5).waitFor({ timeout: 60_000 });
    await workbench.screenshot('3-running');
  });
});
