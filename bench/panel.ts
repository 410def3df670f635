/**
 * What the results panel costs while rows come fast, in a real workbench in Chromium: frames drawn, CPU of the page's
 * process, memory of the extension host, and how long the first answer of a filter over a full buffer takes. The
 * workbench and the panel share a process here, so the editor's own work is in the figures; `paused` is what it takes
 * without the panel's. Needs Chromium and a build (npm run build); skips, saying so, without them.
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

interface Memory {
  readonly residentMb: number;
  readonly inUseMb: number;
}

/**
 * What the extension host takes: what of its own is resident, and what of it is in use once garbage is collected. The
 * second is asked of its debugger, which a signal opens. Linux only, because its /proc tells which process it is.
 */
async function extensionHostMemory(): Promise<Memory | undefined> {
  if (process.platform !== 'linux') return undefined;
  const id = readdirSync('/proc').find(
    (each) => readText(`/proc/${each}/cmdline`).includes('--type=extensionHost') && isOurs(Number(each)),
  );
  if (id === undefined) return undefined;
  const residentMb = statusOf(id, 'RssAnon') / 1024;
  process.kill(Number(id), 'SIGUSR1');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const targets = (await (await fetch('http://127.0.0.1:9229/json')).json()) as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(targets[0]!.webSocketDebuggerUrl);
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  const ask = (method: string, params: object) =>
    new Promise<{ result?: { result?: { value?: number } } }>((resolve) => {
      socket.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data))), { once: true });
      socket.send(JSON.stringify({ id: 1, method, params }));
    });
  await ask('HeapProfiler.collectGarbage', {});
  const expression = 'process.memoryUsage().heapUsed + process.memoryUsage().external';
  const { result } = await ask('Runtime.evaluate', { expression, returnByValue: true });
  socket.close();
  return { residentMb, inUseMb: (result?.result?.value ?? Number.NaN) / 1024 / 1024 };
}

async function printMemory(when: string): Promise<void> {
  const memory = await extensionHostMemory();
  print(`extension host ${when}: in use`, memory?.inUseMb, 'MB');
  print(`extension host ${when}: resident`, memory?.residentMb, 'MB');
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
  await printMemory('before the first run');
  await workbench.pressLens('Run all');
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
  await printMemory('with a full buffer');
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
  await printMemory('after a million rows');
  await card.locator('button[aria-label="Pause"]').click();
  await measure('paused');
} finally {
  await close();
}
