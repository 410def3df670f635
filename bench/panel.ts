/**
 * What the results panel costs while rows come fast, in a real workbench in Chromium: frames drawn, CPU of the page's process,
 * memory of the extension host, and how long the first answer of a filter over a full buffer takes. The workbench and the panel
 * share a process here, so the editor's own work is in the figures; `paused` is what it takes without the panel's. Needs Chromium
 * and a build (npm run build); skips, saying so, without them.
 * Run with: node bench/panel.ts
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { CDPSession, Frame } from 'playwright-core';
import { chooseHost, openHost } from '../test/e2e/support/host.ts';
import { Workbench } from '../test/e2e/support/workbench.ts';

const GENERATORS = 5;
const SECONDS = 10;
const ROWS = 1_000_000;

const generator = (i: number) => `CREATE SOURCE CONNECTOR orders_${i} WITH (
  'connector.class' = 'DatagenConnector', 'quickstart' = 'orders', 'kafka.topic' = 'orders', 'max.interval' = '1',
  'random.seed' = '${i}'
);`;

/** Ten thousand rows a second: five generators of two thousand. */
const SCRIPT = `CREATE STREAM orders (ordertime BIGINT, orderid INT, itemid STRING, orderunits DOUBLE,
  address STRUCT<city STRING, state STRING, zipcode BIGINT>)
  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
${Array.from({ length: GENERATORS }, (_, i) => generator(i)).join('\n')}
SELECT * FROM orders EMIT CHANGES;
`;

const choice = chooseHost();
if (choice.kind === 'none') {
  console.log(`skipped: ${choice.reason}`);
  process.exit(0);
}

/** Frames that a page draws in some seconds. */
const framesOf = (frame: Frame, seconds: number): Promise<number> =>
  frame.evaluate(
    (ms) =>
      new Promise<number>((resolve) => {
        const start = performance.now();
        let frames = 0;
        const count = () => {
          frames++;
          if (performance.now() - start < ms) requestAnimationFrame(count);
          else resolve(frames);
        };
        requestAnimationFrame(count);
      }),
    seconds * 1000,
  );

/** CPU seconds that all of the browser's processes of a kind have taken. */
async function cpuOf(browser: CDPSession, type: string): Promise<number> {
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  return processInfo.filter((each) => each.type === type).reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** Seconds for which the main thread of the page had something to do. */
async function busyOf(page: CDPSession): Promise<number> {
  const { metrics } = await page.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}

/** The memory of the extension host in MB, read from Linux's /proc; undefined elsewhere. */
function extensionHostMb(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  for (const id of readdirSync('/proc')) {
    if (!/^\d+$/.test(id) || !readText(`/proc/${id}/cmdline`).includes('--type=extensionHost')) continue;
    if (isOurs(Number(id))) return statusOf(id, 'RssAnon') / 1024;
  }
  return undefined;
}

/** Whether a process was started by this one, or by one that was. */
function isOurs(id: number): boolean {
  return id > 1 && (id === process.pid || isOurs(statusOf(String(id), 'PPid')));
}

const statusOf = (id: string, field: string): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readText(`/proc/${id}/status`))?.[1]);

/** A process may end while it is looked at. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function print(title: string, value: number | undefined, unit: string, digits = 0): void {
  const text = value === undefined ? '–' : value.toLocaleString('en-US', { maximumFractionDigits: digits });
  console.log(`${title.padEnd(58)} ${text.padStart(8)} ${unit}`);
}

const { page, close } = await openHost(choice, 'Default Dark Modern', { 'orders.ksql': SCRIPT });
try {
  const workbench = new Workbench('bench');
  workbench.open(page, '');
  await workbench.openFile('orders.ksql');
  await workbench.lenses.filter({ hasText: 'Run all' }).waitFor();
  print('extension host before the first run (its own memory)', extensionHostMb(), 'MB');
  await workbench.lenses.filter({ hasText: 'Run all' }).click();
  const card = workbench.results.locator('.card.open').first();
  await card.locator('.grid-row:visible').nth(5).waitFor({ timeout: 60_000 });
  const body = await workbench.results.locator('body').elementHandle();
  const frame = (await body!.ownerFrame())!;
  const browser = await page.context().browser()!.newBrowserCDPSession();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const rows = async () => {
    const text = (await card.locator('.kept').textContent())!;
    return Number(/of ([\d,]+)/.exec(text)![1]!.replaceAll(',', ''));
  };
  const until = async (total: number) => {
    while ((await rows()) < total) await page.waitForTimeout(500);
  };

  const measure = async (title: string) => {
    const [rowsBefore, startedMs] = [await rows(), performance.now()];
    const [cpuBefore, busyBefore] = [await cpuOf(browser, 'renderer'), await busyOf(session)];
    await page.waitForTimeout(SECONDS * 1000);
    const seconds = (performance.now() - startedMs) / 1000;
    print(`${title}: rows a second`, ((await rows()) - rowsBefore) / seconds, '');
    print(`${title}: CPU of the page`, ((await cpuOf(browser, 'renderer')) - cpuBefore) / seconds, 'cores', 2);
    print(`${title}: its main thread is busy`, ((await busyOf(session)) - busyBefore) / seconds, 'of the time', 2);
    // Counting frames makes the browser draw each of them, so it comes last.
    print(`${title}: frames a second`, (await framesOf(frame, SECONDS)) / SECONDS, '', 1);
  };

  await measure('running');
  await until(ROWS / 5);
  print('extension host with a full buffer', extensionHostMb(), 'MB');
  const search = card.locator('.search');
  for (const text of ['Item_18', 'itemid: Item_18', 'orderunits > 5']) {
    const startedMs = performance.now();
    await search.fill(text);
    await card.locator('.matches', { hasText: 'match' }).waitFor();
    print(`first answer of a filter over 100,000 rows: ${text}`, performance.now() - startedMs, 'ms');
  }
  await measure('filtered');
  await search.fill('');
  await until(ROWS);
  print('extension host after a million rows', extensionHostMb(), 'MB');
  await card.locator('button[aria-label="Pause"]').click();
  await measure('paused');
} finally {
  await close();
}
