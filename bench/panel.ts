/**
 * What the results panel costs while rows come fast, in a real workbench in Chromium: frames drawn, CPU of the page's process,
 * memory of the extension host, and how long the first answer of a filter over a full buffer takes. Needs Chromium and a build
 * (npm run build); skips, saying so, without them.
 * Run with: node bench/panel.ts
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { CDPSession, Frame, Locator } from 'playwright-core';
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

/** The resident memory of the extension host in MB, read from Linux's /proc; undefined elsewhere. */
function extensionHostMb(): number | undefined {
  try {
    for (const id of readdirSync('/proc')) {
      if (!/^\d+$/.test(id)) continue;
      const commandLine = readText(`/proc/${id}/cmdline`);
      if (commandLine.includes('--type=extensionHost') && isOurs(Number(id))) {
        console.log(readText(`/proc/${id}/status`).match(/Rss.*/g));
        return Number(/VmRSS:\s+(\d+)/.exec(readText(`/proc/${id}/status`))?.[1]) / 1024;
      }
    }
  } catch {
    return undefined;
  }
  return undefined;
}

function isOurs(id: number): boolean {
  if (id <= 1) return false;
  if (id === process.pid) return true;
  return isOurs(Number(/PPid:\s+(\d+)/.exec(readText(`/proc/${id}/status`))?.[1]));
}

/** A process may end while it is looked at. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function print(title: string, value: number | undefined, unit: string): void {
  console.log(
    `${title.padEnd(58)} ${(value === undefined ? '–' : value.toFixed(unit === 'MB' ? 0 : 2)).padStart(8)} ${unit}`,
  );
}

const { page, close } = await openHost(choice, 'Default Dark Modern', { 'orders.ksql': SCRIPT });
try {
  const workbench = new Workbench('bench');
  workbench.open(page, '');
  await workbench.openFile('orders.ksql');
  await workbench.lenses.filter({ hasText: 'Run all' }).waitFor();
  print('extension host before the first run', extensionHostMb(), 'MB');
  await workbench.lenses.filter({ hasText: 'Run all' }).click();
  const card = workbench.results.locator('.card.open').first();
  await card.locator('.grid-row:visible').nth(5).waitFor({ timeout: 60_000 });
  const frame = (await (await workbench.results.locator('body').elementHandle())!.ownerFrame())!;
  const browser = await page.context().browser()!.newBrowserCDPSession();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const rows = async () =>
    Number((await card.locator('.card-footer').textContent())!.match(/of ([\d,]+)/)![1]!.replaceAll(',', ''));

  const measure = async (title: string) => {
    const before = {
      busy: await busyOf(session),
      cpu: await cpuOf(browser, 'renderer'),
      gpu: await cpuOf(browser, 'GPU'),
      rows: await rows(),
      at: performance.now(),
    };
    const frames = await framesOf(frame, SECONDS);
    const seconds = (performance.now() - before.at) / 1000;
    print(`${title}: rows a second`, ((await rows()) - before.rows) / seconds, '');
    print(`${title}: frames a second`, frames / SECONDS, '');
    print(`${title}: CPU of the renderer`, ((await cpuOf(browser, 'renderer')) - before.cpu) / seconds, 'cores');
    print(`${title}: CPU of the GPU process`, ((await cpuOf(browser, 'GPU')) - before.gpu) / seconds, 'cores');
    print(`${title}: of it its main thread`, ((await busyOf(session)) - before.busy) / seconds, 'cores');
  };
  await measure('running');
  await card
    .locator('button[aria-label="Pause"]')
    .click({ timeout: 10_000 })
    .catch(() => console.log('pause failed'));
  await measure('paused');
  await card.locator('button[aria-label="Continue"]').click();

  const until = async (total: number) => {
    while ((await rows()) < total) await page.waitForTimeout(500);
  };
  await until(ROWS / 5);
  print('extension host with a full buffer', extensionHostMb(), 'MB');
  const filtered = async (search: Locator) => {
    const start = performance.now();
    await search.fill('itemid: Item_18');
    await card.locator('.matches', { hasText: 'match' }).waitFor();
    return performance.now() - start;
  };
  print('first answer of a filter over 100,000 rows', await filtered(card.locator('.search')), 'ms');
  await measure('filtered');
  await card.locator('.search').fill('');
  await until(ROWS);
  print('extension host after a million rows', extensionHostMb(), 'MB');
} finally {
  await close();
}
