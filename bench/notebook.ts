/**
 * What ten live results in a notebook cost at 1,000 rows a second each, in a real workbench in Chromium: frames drawn,
 * CPU of the page and of the extension host, memory of the extension host; as grids and as charts, in a window of usual
 * height and in one in which all ten are in sight. Chromium draws without a GPU here: `idle` is what it draws with
 * nothing going on. Needs Chromium and a build (npm run build); skips, saying so, without them.
 * Run with: node bench/notebook.ts
 */
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { chooseHost, openHost } from '../test/e2e/support/host.ts';
import { Workbench } from '../test/e2e/support/workbench.ts';
import { busyOf, cpuOf, extensionHost, framesOf, print, printMemory } from './workbench-costs.ts';

const RESULTS = 10;
const SECONDS = 6;
/** As many as a result keeps. */
const KEPT = '100,000 of';
/** Ten outputs with their cells. */
const TALL_PX = 4_400;
/** The kernel counts processor time in hundredths of a second. */
const TICKS = 100;

/** A generator waits a millisecond on average from one row to the next. */
const NOTEBOOK = `CREATE STREAM orders (ordertime BIGINT, orderid INT, itemid STRING, orderunits DOUBLE)
  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE SOURCE CONNECTOR orders WITH (
  'connector.class' = 'DatagenConnector', 'quickstart' = 'orders', 'kafka.topic' = 'orders', 'max.interval' = '2'
);
${Array.from({ length: RESULTS }, (_, i) => `\n-- ${i}\nSELECT * FROM orders WHERE orderunits > -${i} EMIT CHANGES;\n`).join('')}`;

const choice = chooseHost();
if (choice.kind === 'none') {
  console.log(`skipped: ${choice.reason}`);
  process.exit(0);
}

/** CPU seconds that the extension host has taken. */
function hostCpu(): number {
  const id = extensionHost();
  if (id === undefined) return Number.NaN;
  const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

const { page, close } = await openHost(choice, 'Default Dark Modern', { 'ten.ksqlnb': NOTEBOOK });
try {
  const workbench = new Workbench('bench');
  workbench.open(page, '');
  await page.setViewportSize({ width: 1440, height: TALL_PX });
  await page.locator('.activitybar .action-label[aria-label^="KSQL"]').waitFor();
  await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'ten.ksqlnb' }).dblclick();
  await page.locator('.notebookOverlay .monaco-list-row.code-cell-row').first().waitFor();
  const browser = await page.context().browser()!.newBrowserCDPSession();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const cards = workbench.results.locator('.ksql-output .card.open:not(.one-line)');

  /** The page of the outputs, once there is one. */
  const shownFrame = async () => {
    if ((await cards.count()) === 0) return page.mainFrame();
    const body = await workbench.results.locator('body').elementHandle();
    return (await body!.ownerFrame())!;
  };
  const measure = async (title: string) => {
    const [cpu, busy, host, startedMs] = [
      await cpuOf(browser, 'renderer'),
      await busyOf(session),
      hostCpu(),
      performance.now(),
    ];
    await page.waitForTimeout(SECONDS * 1000);
    const seconds = (performance.now() - startedMs) / 1000;
    console.log(`load average ${loadavg()[0]!.toFixed(1)}`);
    print(`${title}: CPU of the page`, ((await cpuOf(browser, 'renderer')) - cpu) / seconds, 'cores', 2);
    print(`${title}: its main thread is busy`, ((await busyOf(session)) - busy) / seconds, 'of the time', 2);
    print(`${title}: CPU of the extension host`, (hostCpu() - host) / seconds, 'cores', 2);
    // Counting frames makes the browser draw each of them, so it comes last.
    print(`${title}: frames a second`, (await framesOf(await shownFrame(), SECONDS)) / SECONDS, '', 1);
  };
  const inEachWindow = async (title: string) => {
    for (const [name, height] of [
      ['all in sight', TALL_PX],
      ['a usual window', 900],
    ] as const) {
      await page.setViewportSize({ width: 1440, height });
      await page.waitForTimeout(2000);
      await measure(`${title}, ${name}`);
    }
    await page.setViewportSize({ width: 1440, height: TALL_PX });
  };

  await inEachWindow('idle');
  await printMemory('before the first run');
  await workbench.command('Notebook: Run All');
  await cards
    .nth(RESULTS - 1)
    .locator('.grid-row:visible')
    .nth(5)
    .waitFor({ timeout: 120_000 });
  await page.waitForTimeout(5000);
  const rates = await cards.locator('.figure.rate').allTextContents();
  console.log(`rows a second: ${rates.join(', ')}`);
  await inEachWindow('grids');
  for (let i = 0; i < RESULTS; i++) await cards.nth(i).locator('.segment', { hasText: 'Chart' }).click();
  await cards
    .nth(RESULTS - 1)
    .locator('.picture canvas')
    .waitFor();
  await inEachWindow('charts');
  await workbench.screenshot('ten-charts');
  const kept = cards.nth(RESULTS - 1).locator('.kept', { hasText: KEPT });
  await kept.waitFor({ timeout: 300_000 });
  await measure('charts of full buffers, all in sight');
  await printMemory('with ten full buffers');
} finally {
  await close();
}
