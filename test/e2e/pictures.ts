/**
 * Takes the pictures of the documents in a real workbench, by doing what they show: the first steps and a notebook,
 * light and dark, the notebook moving as well, and the icon from its drawing. They go to docs/pictures and client/media
 * and are looked at before they are committed. Needs Chromium and a build; says so without them.
 * Run with: npm run pictures [steps] [notebook] [icon]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { animation } from './support/animation.ts';
import { chooseHost, type Host, openHost } from './support/host.ts';
import { THEMES } from './support/themes.ts';
import { Workbench } from './support/workbench.ts';

const folder = path.join(import.meta.dirname, '../../docs/pictures');
const media = path.join(import.meta.dirname, '../../client/media');
const NOTEBOOK = `-- # Ratings, as they come in
--
-- This is a script. Press **Run All**, and every cell is live.

CREATE SOURCE CONNECTOR IF NOT EXISTS generator WITH (
  'connector.class' = 'DatagenConnector', 'quickstart' = 'ratings', 'kafka.topic' = 'ratings', 'max.interval' = '60'
);
CREATE STREAM IF NOT EXISTS ratings (rating_id BIGINT, user_id INT, stars INT, channel STRING, message STRING)
  WITH (KAFKA_TOPIC = 'ratings', VALUE_FORMAT = 'JSON');

-- ## Who is heard where?

SELECT channel, COUNT(*) AS ratings, AVG(CAST(stars AS DOUBLE)) AS average, MIN(stars) AS worst
FROM ratings
GROUP BY channel
EMIT CHANGES;
`;
/** Of the moving picture. */
const FRAMES = 20;
const FRAME_MS = 350;
const choice = chooseHost();
if (choice.kind === 'none') {
  console.log(`skipped: ${choice.reason}`);
  process.exit(0);
}
mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
const isWanted = (what: string) => wanted.length === 0 || wanted.includes(what);
for (const [name, theme] of [
  ['dark', THEMES.dark],
  ['light', THEMES.light],
] as const) {
  if (isWanted('steps')) await withWorkbench(theme, {}, (host) => takeSteps(host, name));
  if (isWanted('notebook'))
    await withWorkbench(theme, { 'ratings.ksqlnb': NOTEBOOK }, (host) => takeNotebook(host, name));
}
if (isWanted('icon')) await drawIcon();

async function withWorkbench(
  theme: string,
  files: Readonly<Record<string, string>>,
  take: (host: Host) => Promise<void>,
): Promise<void> {
  if (choice.kind === 'none') return;
  const host = await openHost(choice, theme, files);
  try {
    await take(host);
  } finally {
    await host.close();
  }
}

function workbenchOf({ page, folder: workspace }: Host): Workbench {
  const workbench = new Workbench('pictures');
  workbench.open(page, workspace);
  return workbench;
}

async function takeSteps(host: Host, name: string): Promise<void> {
  const { page } = host;
  const workbench = workbenchOf(host);
  await page.setViewportSize({ width: 1280, height: 720 });
  const picture = async (step: string) => {
    // No hint of a button under the mouse is in the picture.
    await page.mouse.move(400, 560);
    await page.waitForTimeout(1_500);
    await page.screenshot({ path: path.join(folder, `${step}-${name}.png`) });
  };
  await workbench.command('View: Toggle Primary Side Bar Visibility');
  await workbench.command('KSQL: Open the Example of the First Steps');
  await workbench.lenses.first().waitFor({ timeout: 40_000 });
  await picture('example');
  await workbench.command('KSQL: Open a Script With a Slip');
  await workbench.errors.first().waitFor();
  await page.keyboard.press('F8');
  await picture('slip');
  await workbench.command('KSQL: Run the Example of the First Steps');
  await workbench.results.locator('.grid-row:visible').nth(5).waitFor({ timeout: 60_000 });
  await picture('watch');
  await workbench.press(workbench.statusBar);
  await picture('connect');
}

/** A notebook before it runs, and while it does. */
async function takeNotebook(host: Host, name: string): Promise<void> {
  const { page } = host;
  const workbench = workbenchOf(host);
  await page.setViewportSize({ width: 960, height: 960 });
  await page.locator('.activitybar .action-label[aria-label^="KSQL"]').waitFor();
  await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'ratings.ksqlnb' }).dblclick();
  await workbench.results.locator('h1', { hasText: 'Ratings' }).waitFor();
  await workbench.command('View: Toggle Primary Side Bar Visibility');
  await page.waitForTimeout(2_000);
  const frames = [await shot(page)];
  await workbench.command('Notebook: Run All');
  await workbench.results.locator('.grid-row:visible').nth(2).waitFor({ timeout: 60_000 });
  // The rows are what is looked at, and no button under the mouse.
  await page.mouse.move(520, 540);
  await page.mouse.wheel(0, 380);
  await page.mouse.move(75, 700);
  for (let i = 1; i < FRAMES; i++) {
    await page.waitForTimeout(FRAME_MS);
    frames.push(await shot(page));
  }
  writeFileSync(path.join(folder, `notebook-${name}.png`), frames.at(-1)!);
  if (name === 'dark') writeFileSync(path.join(folder, 'notebook.png'), animation(frames, FRAME_MS));
}

function shot(page: Page): Promise<Buffer> {
  return page.screenshot({ animations: 'disabled' });
}

/** The marketplaces take no SVG. */
async function drawIcon(): Promise<void> {
  if (choice.kind !== 'browser') return;
  const browser = await chromium.launch({ executablePath: choice.chromium, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
  await page.setContent(`<style>body{margin:0}</style>${readFileSync(path.join(media, 'icon.svg'), 'utf8')}`);
  await page.screenshot({ path: path.join(media, 'icon.png'), omitBackground: true });
  await browser.close();
}
