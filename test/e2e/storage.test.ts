import { existsSync } from 'node:fs';
import path from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { quietKafkajs } from '../../engine/broker/kafka/quiet-kafkajs.ts';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';
import { Workbench } from './support/workbench.ts';

const ORDERS = `SET 'auto.offset.reset' = 'earliest';
CREATE STREAM orders (id INT KEY, item STRING)
  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
INSERT INTO orders VALUES (1, 'apple');
SELECT item FROM orders EMIT CHANGES;
`;
const MARK_GONE = '◌ ended with its engine';

describe.skipIf(host.kind === 'none')('a storage in a folder of the workspace', () => {
  const workbench = openWorkbench(
    'storage',
    THEMES.light,
    { 'orders.ksql': ORDERS },
    { 'ksql.engine.storage': 'kept', 'ksql.engine.kafkaListen': '127.0.0.1:0' },
  );
  const rows = ({ results }: Workbench) => results.locator('.card.open .grid-row:visible').filter({ hasText: 'apple' });
  const engineOf = async () => {
    await expect.poll(() => workbench.engines().length).toBe(1);
    return workbench.engines()[0]!;
  };

  test('is made there, and has what was run', async () => {
    await workbench.openFile('orders.ksql');
    await workbench.pressLens('Run all');
    await rows(workbench).first().waitFor({ timeout: 40_000 });
    expect(existsSync(path.join(workbench.folder, 'kept/ksql-engine'))).toBe(true);
  });

  test('is reached by clients of Kafka, at the address that the tooltip of the status bar tells', async () => {
    await workbench.statusBar.hover();
    const tooltip = workbench.page.locator('.monaco-hover').filter({ hasText: 'Clients of Kafka' });
    await tooltip.waitFor();
    await workbench.screenshot('0-kafka');
    const [address] = /127\.0\.0\.1:\d+/.exec((await tooltip.textContent())!)!;
    quietKafkajs();
    const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    expect(await admin.listTopics()).toContain('orders');
    await admin.disconnect();
  });

  test('that another window has is left alone: that window says so, and has an engine in memory', async () => {
    const second = new Workbench('storage-second');
    const page = await workbench.page.context().newPage();
    await page.goto(workbench.page.url());
    second.open(page, workbench.folder);
    await second.openFile('orders.ksql');
    await second.pressLens('Run all', 'first', 60_000);
    const notice = second.notifications.filter({ hasText: "Another window's engine has the storage." });
    await notice.waitFor({ timeout: 40_000 });
    expect(await notice.textContent()).toContain('what it makes ends with it');
    await rows(second).first().waitFor({ timeout: 40_000 });
    // Its own topic has its own row: nothing of the other window's engine is in it.
    expect(await rows(second).count()).toBe(1);
    expect(workbench.engines()).toHaveLength(2);
    await second.screenshot('taken');
    await page.close();
    await engineOf();
  });

  test('is there again after its engine was stopped, and a mark that is dimmed offers to run again what ended', async () => {
    const before = await engineOf();
    await workbench.command('KSQL: Stop an Engine…');
    await expect.poll(() => workbench.engines()).toEqual([]);
    await expect.poll(() => workbench.marks()).toContainEqual(expect.stringContaining(MARK_GONE));
    expect(await workbench.results.locator('.card').first().textContent()).toContain('it was stopped');
    await workbench.screenshot('1-stopped');
    const line = workbench.lines.filter({ hasText: 'EMIT CHANGES;' });
    await line
      .locator('span')
      .last()
      .hover({ position: { x: 60, y: 8 } });
    const hover = workbench.page.locator('.monaco-hover:visible', { hasText: 'The engine that this ran on has ended' });
    await hover.waitFor();
    await workbench.screenshot('2-hover');
    await workbench.press(hover.getByText('Run again what ended with it'));
    await expect.poll(() => workbench.marks()).not.toContainEqual(expect.stringContaining(MARK_GONE));
    expect(await engineOf()).not.toBe(before);
    // The row was kept: it is read again, and not inserted again.
    await expect.poll(() => workbench.results.locator('.card.open').first().getAttribute('data-state')).toBe('running');
    await expect.poll(() => rows(workbench).count()).toBe(1);
    await workbench.screenshot('3-again');
  });

  test('a query that was stopped before did not end with its engine, which cannot be stopped twice', async () => {
    await workbench.press(workbench.results.locator('.card.open button[aria-label="Stop"]').first());
    await expect.poll(() => workbench.marks()).toContainEqual(expect.stringContaining('■ 1 row'));
    await workbench.command('KSQL: Stop an Engine…');
    await expect.poll(() => workbench.engines()).toEqual([]);
    const line = workbench.lines.filter({ hasText: 'EMIT CHANGES;' }).locator('span').last();
    const mark = () =>
      line.evaluate((span) => span.ownerDocument.defaultView!.getComputedStyle(span, '::after').content);
    await expect.poll(mark).toBe('none');
    await workbench.command('KSQL: Stop an Engine…');
    await workbench.notifications.filter({ hasText: 'No engine is running.' }).waitFor();
  });
});
