import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const SCRIPT = `-- # Orders
--
-- Who orders **how much**?

SET 'auto.offset.reset' = 'earliest';

CREATE STREAM orders (id STRING KEY, units INT) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);

INSERT INTO orders (id, units) VALUES ('ada', 3);
INSERT INTO orders (id, units) VALUES ('bob', 4);

SELECT id, SUM(units) AS total FROM orders GROUP BY id EMIT CHANGES;

INSERT INTO orders (id, units) VALUES ('ada', 5);
`;
/** Cells that are out of sight are not on the page. */
const TALL = { width: 1440, height: 1500 };
/** Windows line ends and a byte order mark: what nobody edits must stay as it is, to the byte. */
const WINDOWS = `\uFEFF${SCRIPT.replaceAll('\n', '\r\n')}`;
const README = `# Orders

\`\`\`ksql
CREATE STREAM clicks (id STRING KEY) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
\`\`\`

Then \`SELECT 1;\` of them:

\`\`\`ksql
SELECT * FROM clicks EMIT CHANGES;
\`\`\`
`;

describe.skipIf(host.kind === 'none')('a notebook', () => {
  const files = { 'orders.ksqlnb': WINDOWS, 'plain.ksql': SCRIPT, 'orders.md': README };
  const workbench = openWorkbench('notebook', THEMES.dark, files);
  const page = () => workbench.page;
  const bytes = (name: string) => readFileSync(path.join(workbench.folder, name), 'utf8');
  const notebook = () => page().locator('.notebookOverlay:visible');
  const cell = (text: string) => notebook().locator('.monaco-list-row.code-cell-row', { hasText: text }).first();
  const outputs = () => workbench.results.locator('.ksql-output');
  const live = () => outputs().locator('.card', { hasText: 'SELECT id' });
  const rows = async () => (await live().locator('.grid-row:visible').allTextContents()).toSorted();
  const state = () => live().getAttribute('data-state');

  async function open(name: string): Promise<void> {
    await page().locator('.explorer-folders-view .monaco-list-row', { hasText: name }).dblclick();
    await notebook().waitFor();
  }

  async function save(): Promise<void> {
    await page().keyboard.press('Control+S');
    await page().locator('.tab.active:not(.dirty)').waitFor();
  }

  test('opens by its name, prose as prose, and is not changed by a save', async () => {
    // A workbench that was just opened does not know yet what extensions open.
    await page().locator('.activitybar .action-label[aria-label^="KSQL"]').waitFor();
    await page().setViewportSize(TALL);
    await open('orders.ksqlnb');
    await workbench.results.locator('h1', { hasText: 'Orders' }).waitFor();
    await workbench.results.locator('strong', { hasText: 'how much' }).waitFor();
    await cell('SELECT id').waitFor();
    await workbench.command('File: Save');
    await workbench.screenshot('1-open');
    expect(bytes('orders.ksqlnb')).toBe(WINDOWS);
  });

  test('runs all its cells; a query that streams does not hold up the next', async () => {
    await workbench.command('Notebook: Run All');
    await expect.poll(rows, { timeout: 60_000 }).toEqual(['ada8', 'bob4']);
    expect(await state()).toBe('running');
    await outputs()
      .locator('.card', { hasText: 'CREATE STREAM orders' })
      .locator('.state', { hasText: 'created' })
      .waitFor();
    await workbench.screenshot('2-run-all');
  });

  test('a cell that is run again changes the rows that are in sight', async () => {
    await cell("('ada', 5)").click();
    await page().keyboard.press('Control+Enter');
    await expect.poll(rows).toEqual(['ada13', 'bob4']);
  });

  test('a cell sees what earlier cells make', async () => {
    await cell('SELECT id').locator('.monaco-editor').getByText('orders').first().hover();
    await page().locator('.monaco-hover:visible', { hasText: /units/i }).first().waitFor();
    await page().keyboard.press('Escape');
    await cell('SELECT id').locator('.codelens-decoration a', { hasText: 'Stop' }).waitFor();
  });

  test("VS Code's own button stops it", async () => {
    await cell('SELECT id').click();
    await cell('SELECT id').locator('[aria-label^="Stop"]').first().click();
    await expect.poll(state).toBe('stopped');
    await workbench.screenshot('3-stopped');
  });

  test('what ended with its engine is run again in its place', async () => {
    await cell('SELECT id').click();
    await page().keyboard.press('Control+Enter');
    await expect.poll(state).toBe('running');
    await workbench.command('KSQL: Restart the Engine');
    await live().locator('.message', { hasText: 'It ended with its engine' }).waitFor({ timeout: 40_000 });
    await live().locator('button', { hasText: 'Run Again What Ended' }).click();
    await expect.poll(state, { timeout: 40_000 }).toBe('running');
    await expect.poll(rows).toEqual(['ada13', 'bob4']);
    expect(await live().count()).toBe(1);
  });

  test('a pinned snapshot is the only change of the file', async () => {
    await live().locator('button[aria-label="Pin a snapshot under the cell"]').click();
    await outputs().locator('.snapshot', { hasText: '"ada", 13' }).waitFor();
    await save();
    await workbench.screenshot('4-pinned');
    const pinned = ['--> ID KEY, TOTAL', '--> "ada", 13', '--> "bob", 4', '--> 2 rows'].join('\r\n');
    expect(bytes('orders.ksqlnb')).toBe(WINDOWS.replace('EMIT CHANGES;', `EMIT CHANGES;\r\n${pinned}`));
  });

  test('a comparison shows what differs', async () => {
    await cell("('ada', 5)").click();
    await page().keyboard.press('Control+Enter');
    await expect.poll(rows).toEqual(['ada18', 'bob4']);
    await cell('SELECT id').locator('.cell-status-item', { hasText: 'Compare' }).click();
    const snapshot = outputs().locator('.snapshot.differs');
    await snapshot.waitFor();
    expect(await snapshot.locator('.snapshot-line').allTextContents()).toEqual(['- "ada", 13', '+ "ada", 18']);
    await workbench.screenshot('5-compared');
  });

  test('an error is a problem at its place, and the rest of the notebook waits', async () => {
    await cell('SELECT id').locator('.monaco-editor').click();
    await page().keyboard.press('Control+A');
    await page().keyboard.insertText('SELECT nothing FROM orders EMIT CHANGES;');
    await cell('SELECT nothing').locator('.squiggly-error').waitFor();
    await page().keyboard.press('Control+Enter');
    await outputs()
      .locator('.card[data-state="failed"]', { hasText: /nothing/i })
      .waitFor();
    await workbench.screenshot('6-error');
    await page().keyboard.press('Control+A');
    await page().keyboard.insertText('SELECT id, SUM(units) AS total FROM orders GROUP BY id EMIT CHANGES;');
    await save();
    expect(bytes('orders.ksqlnb')).toContain('GROUP BY id EMIT CHANGES;\r\n--> ID KEY, TOTAL\r\n');
  });

  test('after a reload it shows what is pinned, and runs', async () => {
    await workbench.reload();
    await outputs().locator('.snapshot', { hasText: '"ada", 13' }).waitFor({ timeout: 40_000 });
    await cell('SELECT id').click();
    await page().keyboard.press('Control+Enter');
    await expect.poll(rows, { timeout: 40_000 }).toEqual(['ada18', 'bob4']);
    await workbench.screenshot('7-reloaded');
  });

  test('any script opens as a notebook, and an edit of it changes one line', async () => {
    const file = page().locator('.explorer-folders-view .monaco-list-row', { hasText: 'plain.ksql' });
    await workbench.chooseInMenu(file, 'Open With');
    await page().locator('.quick-input-list .monaco-list-row', { hasText: 'KSQL Notebook' }).click();
    await page().locator('.tab.active', { hasText: 'plain.ksql' }).waitFor();
    await cell("('ada', 3)").locator('.monaco-editor').click();
    await page().keyboard.press('Control+End');
    await page().keyboard.press('Backspace');
    await page().keyboard.insertText(' ;');
    await save();
    expect(bytes('plain.ksql')).toBe(SCRIPT.replace("('bob', 4);", "('bob', 4) ;"));
  });

  test('statements in Markdown run from their lenses', async () => {
    await page().locator('.explorer-folders-view .monaco-list-row', { hasText: 'orders.md' }).dblclick();
    await page().locator('.tab.active', { hasText: 'orders.md' }).waitFor();
    const run = page().locator('.editor-group-container.active .codelens-decoration a:visible', { hasText: '▷ Run' });
    await expect.poll(() => run.count()).toBe(2);
    await workbench.press(run.first());
    await workbench.newestResults
      .locator('.card', { hasText: 'CREATE STREAM clicks' })
      .locator('.state', { hasText: 'created' })
      .waitFor();
    await workbench.screenshot('8-markdown');
  });
});

describe.skipIf(host.kind === 'none')('the example notebook in a light theme', () => {
  const example = readFileSync(path.join(import.meta.dirname, '../../examples/orders.ksqlnb'), 'utf8');
  const workbench = openWorkbench('notebook-light', THEMES.light, { 'orders.ksqlnb': example });

  test('runs as it is, and a chart of it can be seen', async () => {
    const { page } = workbench;
    await page.setViewportSize(TALL);
    await page.locator('.activitybar .action-label[aria-label^="KSQL"]').waitFor();
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'orders.ksqlnb' }).dblclick();
    await page.locator('.notebookOverlay .monaco-list-row.code-cell-row', { hasText: 'WINDOWSTART' }).waitFor();
    await workbench.command('Notebook: Run All');
    const live = workbench.results.locator('.ksql-output .card', { hasText: 'SELECT item, SUM' });
    await expect
      .poll(async () => (await live.locator('.grid-row:visible').allTextContents()).toSorted(), { timeout: 60_000 })
      .toEqual(['apple7', 'pear1']);
    await workbench.screenshot('1-rows');
    await workbench.press(live.locator('.segment', { hasText: 'Chart' }));
    await live.locator('.picture canvas').waitFor();
    await workbench.screenshot('2-chart');
  });

  test('is exported with its results', async () => {
    const { page } = workbench;
    for (const [form, ending] of [
      ['HTML', 'html'],
      ['Markdown', 'md'],
    ]) {
      await workbench.command(`KSQL: Export Notebook as ${form}…`);
      const target = page.locator('.quick-input-widget input[type="text"]:visible');
      await expect.poll(() => target.inputValue()).toContain(`orders.${ending}`);
      await target.press('Enter');
      await expect.poll(() => existsSync(path.join(workbench.folder, `orders.${ending}`))).toBe(true);
    }
    const markdown = workbench.read('orders.md');
    expect(markdown).toContain('| ITEM | UNITS |\n| --- | ---: |\n');
    for (const row of ['| apple | 7 |', '| pear | 1 |']) expect(markdown).toContain(`${row}\n`);
    const html = workbench.read('orders.html');
    expect(html).toContain('What is sold?</h1>');
    expect(html).toContain('<span class="hljs-keyword">SELECT</span>');
    expect(html).toMatch(/<td[^>]*>apple<\/td>/);
  });
});
