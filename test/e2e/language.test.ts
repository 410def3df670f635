import { readFileSync } from 'node:fs';
import path from 'node:path';
import { getL10nPseudoLocalized } from '@vscode/l10n-dev';
import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const texts = (file: string) => JSON.parse(readFileSync(path.join(import.meta.dirname, '../..', file), 'utf8'));
/** A language in which every letter has an accent: what is still plain was not translated. */
const pseudo = (file: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(getL10nPseudoLocalized(texts(file))).map(([key, text]) => [
      key,
      typeof text === 'string' ? text : text.message,
    ]),
  );

const SCRIPT = `CREATE STREAM orders (id STRING KEY, units INT) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
INSERT INTO orders (id, units) VALUES ('ada', 3);
SET 'auto.offset.reset' = 'earliest';
SELECT id, units FROM orders EMIT CHANGES;
`;

describe.skipIf(host.kind !== 'browser')('in another language', () => {
  const translation = {
    language: 'qps-ploc',
    manifest: pseudo('package.nls.json'),
    bundle: pseudo('l10n/bundle.l10n.json'),
  };
  const files = { 'orders.ksql': SCRIPT, 'cells.ksqlnb': SCRIPT.replaceAll('orders', 'clicks') };
  const workbench = openWorkbench('language', THEMES.light, files, {}, translation);
  const word = (text: string) => translation.bundle[text]!;

  test('the editor, the status bar, the side bar and the panel speak it', async () => {
    expect(word('Pause')).not.toBe('Pause');
    await workbench.openFile('orders.ksql');
    await workbench.pressLens(word('▷ Run all · {0}').split('{0}')[0]!.trim());
    const results = workbench.results;
    await results.locator('.grid-row:visible').first().waitFor({ timeout: 60_000 });
    await results.locator(`button[title="${word('Pause')}"]:visible`).waitFor();
    await results.locator('.card .state', { hasText: word('running') }).waitFor();
    await workbench.page.locator('.statusbar-item', { hasText: word('embedded') }).waitFor();
    await workbench.page
      .locator(
        `.activitybar .action-label[aria-label^="KSQL"], .activitybar .action-label[aria-label^="${translation.manifest['viewsContainer.ksql']}"]`,
      )
      .first()
      .click();
    await workbench.page.locator('.monaco-list-row', { hasText: word('Streams') }).waitFor();
    await workbench.screenshot('1-script');
  });

  test('the outputs of a notebook speak it', async () => {
    await workbench.command('View: Close All Editors');
    await workbench.page.keyboard.press('Control+Shift+E');
    await workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'cells.ksqlnb' }).dblclick();
    await workbench.page.locator('.notebookOverlay:visible').waitFor();
    await workbench.command('Notebook: Run All');
    await workbench.results
      .locator(`.ksql-output button[title="${word('Pause')}"]:visible`)
      .first()
      .waitFor({ timeout: 60_000 });
    await workbench.screenshot('2-notebook');
  });
});
