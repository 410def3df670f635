import { describe, expect, test } from 'vitest';
import { enterServer, openServer } from './support/ksql-server.ts';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';
import { Workbench } from './support/workbench.ts';

const ORDERS = `SET 'auto.offset.reset' = 'earliest';
CREATE STREAM orders (id INT KEY, item STRING)
  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE TABLE totals AS SELECT item, COUNT(*) AS total FROM orders GROUP BY item EMIT CHANGES;
INSERT INTO orders VALUES (1, 'apple');
SELECT item, total FROM totals EMIT CHANGES;
`;

/** The statement alone, appended to the script and run by key. */
async function runMore(workbench: Workbench, statement: string): Promise<void> {
  await workbench.toEnd();
  await workbench.page.keyboard.insertText(`${statement}\n`);
  await workbench.page.keyboard.press('ArrowUp');
  await workbench.page.waitForTimeout(300);
  await workbench.page.keyboard.press('Control+Enter');
}

describe.skipIf(host.kind === 'none')('engines that come and go', () => {
  const server = openServer('sesame');
  const workbench = openWorkbench('engines', THEMES.dark, { 'orders.ksql': ORDERS });
  const card = () => workbench.results.locator('.card', { hasText: 'totals EMIT CHANGES' }).first();
  const row = (text: RegExp) => card().locator('.grid-row:visible').filter({ hasText: text });
  /** Only the newest card is open by itself; one that was opened stays open when it runs again. */
  const openCard = async () => {
    if (!(await card().evaluate((element) => element.classList.contains('open'))))
      await workbench.press(card().locator('.title'));
  };
  test('a restart keeps what there was, and statements run after it', async () => {
    await workbench.openFile('orders.ksql');
    await workbench.pressLens('Run all');
    await row(/apple.*1/).waitFor({ timeout: 40_000 });
    const [before] = workbench.engines();
    await workbench.command('KSQL: Restart the Engine');
    await expect.poll(() => card().textContent()).toContain('It ended with its engine');
    expect(await card().getAttribute('data-state')).toBe('stopped');
    await workbench.screenshot('1-restarted');
    await expect.poll(() => workbench.statusBar.textContent()).toBe(' KSQL: embedded');
    expect(workbench.engines()).toHaveLength(1);
    expect(workbench.engines()).not.toContain(before);
    await runMore(workbench, "INSERT INTO orders VALUES (2, 'apple');");
    await expect.poll(() => workbench.marks()).toContainEqual(expect.stringContaining('1 row inserted'));
    await openCard();
    await workbench.screenshot('1-ended');
    await workbench.press(card().locator('.offer button'));
    await row(/apple.*2/).waitFor();
    expect(await workbench.results.locator('.card', { hasText: 'totals EMIT CHANGES' }).count()).toBe(1);
    await workbench.screenshot('2-again');
  });

  test('a crash says what ended with it, and one click runs that again', async () => {
    const [engine] = workbench.engines();
    process.kill(engine!, 'SIGKILL');
    const notice = workbench.notifications.filter({ hasText: 'The embedded engine has ended: killed by SIGKILL.' });
    await notice.waitFor();
    await expect.poll(() => card().textContent()).toContain('It ended with its engine');
    expect(await card().getAttribute('data-state')).toBe('failed');
    await expect.poll(() => workbench.marks()).toContainEqual(expect.stringContaining('ended with its engine'));
    await workbench.screenshot('3-crashed');
    await workbench.press(notice.getByText('Start and Run Again What Ended'));
    await row(/apple.*2/).waitFor({ timeout: 40_000 });
    await expect.poll(() => workbench.marks()).toContainEqual(expect.stringContaining('still there'));
    await runMore(workbench, "INSERT INTO orders VALUES (3, 'pear');");
    await row(/pear.*1/).waitFor();
    await workbench.screenshot('4-back');
  });

  test('another connection leaves it running, with its marks', async () => {
    await enterServer(workbench, server.url, 'sesame', 'other server');
    await expect.poll(() => workbench.statusBar.textContent()).toContain('other server (+1 running)');
    expect(workbench.engines()).toHaveLength(1);
    await expect.poll(() => workbench.marks()).not.toContainEqual(expect.stringContaining('still there'));
    await workbench.pressLens('Run all');
    await expect.poll(() => workbench.marks()).toContainEqual(expect.stringContaining('row inserted'));
    await workbench.screenshot('5-other');
    await workbench.press(workbench.statusBar);
    await workbench.pick('run statements on', 'embedded engine');
    await expect.poll(() => workbench.marks()).toContainEqual(expect.stringContaining('still there'));
    await runMore(workbench, "INSERT INTO orders VALUES (4, 'pear');");
    await expect.poll(() => workbench.marks()).toContainEqual(expect.stringContaining('1 row inserted'));
  });

  test('a reload of the window loses nothing', async () => {
    await workbench.command('File: Save');
    await expect.poll(() => workbench.read('orders.ksql')).toContain('(4,');
    const [before] = workbench.engines();
    await workbench.reload();
    await workbench.editor.waitFor();
    await expect.poll(() => workbench.engines().filter((pid) => pid !== before).length).toBe(1);
    await expect.poll(() => workbench.statusBar.textContent()).toBe(' KSQL: embedded');
    await workbench.pressLens('▷ Run from the beginning', 'last');
    await row(/apple.*2/).waitFor({ timeout: 40_000 });
    await row(/pear.*2/).waitFor();
    await workbench.screenshot('6-reloaded');
    expect(workbench.engines()).toHaveLength(1);
    expect(workbench.logs()).toContain('Connected to embedded engine');
    expect(workbench.logs()).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  });

  test('a second window on the workspace has an engine and a storage of its own', { timeout: 120_000 }, async () => {
    const second = new Workbench('engines-second');
    const page = await workbench.page.context().newPage();
    await page.goto(workbench.page.url());
    second.open(page, workbench.folder);
    await second.openFile('orders.ksql');
    await second.pressLens('Run all', 'first', 60_000);
    const rows = second.results.locator('.card', { hasText: 'totals EMIT CHANGES' }).first();
    await expect.poll(() => rows.getAttribute('data-state')).toBe('running');
    await second.screenshot('rows');
    expect(workbench.engines()).toHaveLength(2);
    await page.close();
  });

  test('an emptied storage has nothing, and a statement offers to run what it needs', async () => {
    await workbench.command("KSQL: Empty the Embedded Engine's Storage…");
    await workbench.press(workbench.page.locator('.monaco-dialog-box').getByText('Empty', { exact: true }));
    await workbench.notifications.filter({ hasText: 'storage is empty' }).waitFor();
    await workbench.pressLens('▷ Run from the beginning', 'last');
    const offer = workbench.results.locator('.offer button', { hasText: 'Run What This Needs: ORDERS, TOTALS' });
    await offer.waitFor();
    await workbench.screenshot('7-needs');
    await workbench.press(offer);
    await expect.poll(() => card().getAttribute('data-state')).toBe('running');
    await runMore(workbench, "INSERT INTO orders VALUES (5, 'plum');");
    await openCard();
    await row(/plum.*1/).waitFor();
    await workbench.screenshot('8-needs-run');
  });
});

describe.skipIf(host.kind === 'none')('a workspace that is not trusted', () => {
  const settings = { 'security.workspace.trust.enabled': true, 'ksql.engine.storage': 'memory' };
  const workbench = openWorkbench('trust', THEMES.light, { 'orders.ksql': ORDERS }, settings);
  const row = () => workbench.results.locator('.grid-row:visible').filter({ hasText: /apple.*1/ });

  test('runs nothing, says why, and runs once it is', async () => {
    await workbench.openFile('orders.ksql');
    await workbench.pressLens('Run all');
    const refusal = workbench.notifications.filter({ hasText: 'not trusted' });
    await refusal.waitFor();
    expect(await workbench.errors.count()).toBe(0);
    expect(await workbench.marks()).toEqual([]);
    expect(await workbench.page.locator('.tab', { hasText: 'Results' }).count()).toBe(0);
    await workbench.screenshot('1-refused');
    await workbench.press(refusal.getByText('Manage Workspace Trust'));
    const trust = workbench.page.locator('.workspace-trust-editor');
    await workbench.press(trust.locator('.monaco-button', { hasText: /^Trust$/ }).first());
    await expect.poll(() => trust.textContent()).toContain('You trust this folder');
    await workbench.press(workbench.page.locator('.monaco-modal-editor-block .codicon-close').first());
    await trust.waitFor({ state: 'detached' });
    await workbench.openFile('orders.ksql');
    await workbench.pressLens('Run all');
    await row().waitFor({ timeout: 40_000 });
    await workbench.screenshot('2-trusted');
  });

  test('an engine in memory that is started again has again what ran on it, with one click', async () => {
    await workbench.command('KSQL: Restart the Engine');
    await expect
      .poll(() => workbench.results.locator('.card').first().textContent())
      .toContain('ended with its engine');
    await expect.poll(() => workbench.statusBar.textContent()).toBe(' KSQL: embedded');
    await workbench.screenshot('3-restarted');
    await workbench.pressLens('Run again what ended');
    await row().waitFor();
    await expect.poll(() => workbench.marks()).toContainEqual(expect.stringContaining('1 row inserted'));
    await workbench.screenshot('4-again');
  });
});
