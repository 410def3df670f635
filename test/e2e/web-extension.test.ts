import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';

const FLIGHTS = readFileSync(path.join(import.meta.dirname, '../../examples/flights.ksql'), 'utf8');
const CLICKS = `SET 'auto.offset.reset' = 'earliest';
CREATE SOURCE CONNECTOR clicks_file WITH (
  'connector.class' = 'ksql.workbench.FileSourceConnector', 'file' = 'data/clicks.jsonl', 'kafka.topic' = 'clicks'
);
CREATE STREAM clicks (page STRING, n INT) WITH (KAFKA_TOPIC = 'clicks', VALUE_FORMAT = 'JSON');
SELECT page, n FROM clicks EMIT CHANGES LIMIT 2;
`;
/** The workbench keeps the extension's host on the machine, unless it is told that this extension runs in the page. */
const IN_PAGE = { 'remote.extensionKind': { 'ksql-workbench.ksql-workbench': ['web'] } };

describe.skipIf(host.kind !== 'browser')('the web extension', () => {
  const workbench = openWorkbench(
    'web',
    THEMES.dark,
    {
      'flights.ksql': FLIGHTS,
      'made.ksql':
        "CREATE STREAM ratings (user_id INT KEY, stars INT) WITH (KAFKA_TOPIC='r', VALUE_FORMAT='JSON', PARTITIONS=1);\n",
      'slip.ksql': 'SELECT user_id, starz FROM ratings EMIT CHANGES;\n',
      'clicks.ksql': CLICKS,
      'data/clicks.jsonl': '{"page":"start","n":1}\n{"page":"end","n":2}\n',
    },
    IN_PAGE,
  );
  const rows = () => workbench.newestResults.locator('.grid-row:visible');

  test('the language server reads the workspace from its worker', { timeout: 120_000 }, async () => {
    await workbench.openFile('slip.ksql');
    await expect.poll(() => workbench.errors.count(), { timeout: 60_000 }).toBe(1);
    await workbench.lines.first().getByText('ratings').hover();
    await workbench.page.locator('.monaco-hover:visible', { hasText: 'STREAM' }).first().waitFor();
    await workbench.screenshot('1-hover');
    await workbench.toEnd();
    await workbench.page.keyboard.type('SELECT sta', { delay: 60 });
    await workbench.page.locator('.suggest-widget:visible .monaco-list-row').first().waitFor();
    await workbench.screenshot('2-completion');
    await workbench.page.keyboard.press('Escape');
  });

  test('what needs the desktop says so', async () => {
    await workbench.command('KSQL: Start the Redpanda Container');
    await workbench.notifications.filter({ hasText: 'needs VS Code on the desktop' }).waitFor();
    await workbench.screenshot('3-desktop');
  });

  test('a source reads a file of the workspace', { timeout: 180_000 }, async () => {
    await workbench.openFile('clicks.ksql');
    await workbench.pressLens('Run all');
    await expect.poll(() => rows().count(), { timeout: 90_000 }).toBe(2);
  });

  test('the example runs with nothing behind it: rows come, and a query stops', { timeout: 180_000 }, async () => {
    await workbench.openFile('flights.ksql');
    await workbench.pressLens('Run all');
    await rows().filter({ hasText: 'Dallas-Fort Worth' }).first().waitFor({ timeout: 90_000 });
    expect(workbench.engines()).toEqual([]);
    await workbench.screenshot('4-rows');
    await workbench.newestResults.locator('.card.open [title^="Stop"]').first().click({ delay: 120 });
    await workbench.newestResults.locator('.card.open', { hasText: 'stopped' }).waitFor();
    await workbench.screenshot('5-stopped');
  });

  test('a window that was loaded anew runs the example again', { timeout: 180_000 }, async () => {
    await workbench.reload();
    await workbench.pressLens('Run all', 'first', 60_000);
    await rows().first().waitFor({ timeout: 90_000 });
    await workbench.screenshot('6-again');
  });
});
