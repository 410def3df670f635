import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { host } from './support/open-workbench.ts';

const root = path.join(import.meta.dirname, '../..');
const pictures = path.join(root, '.test-output/e2e');

describe.skipIf(host.kind !== 'browser')('the playground', () => {
  let server: ChildProcess;
  let browser: Browser;
  let address: string;

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    const arguments_ = [path.join(root, 'scripts/playground.ts'), '--port', '0'];
    server = spawn(path.join(root, 'node_modules/node/bin/node'), arguments_, { stdio: ['ignore', 'pipe', 'inherit'] });
    address = await new Promise<string>((resolve, reject) => {
      let printed = '';
      server.once('exit', () => reject(new Error('The playground could not be built.')));
      server.stdout!.on('data', (text) => {
        printed += text;
        const [url] = /http:\S+/.exec(printed) ?? [];
        if (url !== undefined) resolve(url);
      });
    });
    if (host.kind === 'browser')
      browser = await chromium.launch({ executablePath: host.chromium, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser?.close();
    server?.kill();
  });

  async function open(colorScheme: 'light' | 'dark', width: number): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    await page.goto(address);
    await page.getByText('▷ Run all').waitFor({ timeout: 60_000 });
    return page;
  }

  const picture = (page: Page, name: string) =>
    page.screenshot({ path: path.join(pictures, `playground-${name}.png`) });
  const rows = (page: Page) => page.frameLocator('#results iframe').locator('.grid-row:visible');

  /** Puts a text into the editor, as if it were pasted. */
  async function write(page: Page, text: string): Promise<void> {
    await page.locator('#editor .view-lines').click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(text);
  }

  test('the flights example runs in the page', { timeout: 180_000 }, async () => {
    const page = await open('light', 1300);
    await page.locator('#run').click({ delay: 120 });
    await rows(page).filter({ hasText: 'Dallas-Fort Worth' }).first().waitFor({ timeout: 90_000 });
    await picture(page, 'light-wide');
    await page.frameLocator('#results iframe').locator('.card.open [title^="Stop"]').first().click({ delay: 120 });
    await page.frameLocator('#results iframe').locator('.card.open', { hasText: 'stopped' }).waitFor();
    await page.close();
  });

  test('keys run the statement under the cursor, also on a narrow screen', { timeout: 120_000 }, async () => {
    const page = await open('dark', 480);
    await write(page, 'SHOW TOPICS;');
    await page.keyboard.press('Control+Enter');
    await page
      .frameLocator('#results iframe')
      .locator('.card', { hasText: 'SHOW TOPICS' })
      .waitFor({ timeout: 60_000 });
    await picture(page, 'dark-narrow');
    await page.close();
  });

  test('a slip is marked, and what can stand at a place is offered', { timeout: 120_000 }, async () => {
    const page = await open('dark', 1300);
    await write(
      page,
      "CREATE STREAM ratings (id INT KEY, stars INT) WITH (KAFKA_TOPIC='r', VALUE_FORMAT='JSON', PARTITIONS=1);\nSELECT starz FROM ratings EMIT CHANGES;\n",
    );
    await expect.poll(() => page.locator('.squiggly-error').count()).toBe(1);
    await page.keyboard.type('SELECT * FROM rat', { delay: 60 });
    await page.locator('.suggest-widget:visible .monaco-list-row', { hasText: 'ratings' }).first().waitFor();
    await picture(page, 'dark-completion');
    await page.close();
  });
});
