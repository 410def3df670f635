/**
 * What the results panel costs while rows come fast, in a real workbench in Chromium: frames drawn, CPU of the page's
 * process, memory of the extension host, and how long the first answer of a filter over a full buffer takes. The
 * workbench and the panel share a process here, so the editor's own work is in the figures; `paused` is what it takes
 * without the panel's. Needs Chromium and a build (npm run build); skips, saying so, without them.
 * Run with: node bench/panel.ts
 */
import { chooseHost, openHost } from '../test/e2e/support/host.ts';
import { Workbench } from '../test/e2e/support/workbench.ts';
import { busyOf, cpuOf, framesOf, print, printMemory } from './workbench-costs.ts';

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
