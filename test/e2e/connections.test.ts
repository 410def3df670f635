import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CERTIFICATES, type KafkaServer, kafkaMissing, startKafka } from '../support/kafka-server.ts';
import { enterServer, openServer } from './support/ksql-server.ts';
import { host, openWorkbench, THEMES } from './support/open-workbench.ts';
import type { Workbench } from './support/workbench.ts';

const SCRIPT = `SET 'auto.offset.reset' = 'earliest';
CREATE STREAM orders (id INT KEY, item STRING, amount DOUBLE)
  WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
INSERT INTO orders VALUES (1, 'apple', 2.5);
INSERT INTO orders VALUES (2, 'pear', 4.0);
SELECT item, amount FROM orders WHERE amount > 3 EMIT CHANGES;
`;

/** Runs the script on the connection that was just made, whose name the status bar has to show. */
async function runScript(workbench: Workbench, connection: string): Promise<void> {
  await expect.poll(() => workbench.statusBar.textContent()).toContain(connection);
  await workbench.openFile('orders.ksql');
  await workbench.pressLens('Run all');
  const card = workbench.results.locator('.card.open').first();
  await card.locator('.grid-row:visible', { hasText: 'pear' }).waitFor({ timeout: 40_000 });
  await workbench.screenshot('1-rows');
}

describe.skipIf(host.kind === 'none')('a ksqlDB server behind a URL', () => {
  const workbench = openWorkbench('server', THEMES.dark, { 'orders.ksql': SCRIPT });
  const server = openServer('open sesame');

  test('that does not let one in says so, and is not kept', async () => {
    await enterServer(workbench, server.url, 'wrong', 'sesame server');
    const refusal = workbench.page.locator('.notification-toast', { hasText: 'Keep It Anyway' });
    await refusal.waitFor();
    await workbench.screenshot('0-refused');
    expect(await refusal.textContent()).toContain(`${server.url}: The token or the password is not one`);
    await refusal.hover();
    await refusal.locator('.codicon-notifications-clear').click();
    expect(await workbench.statusBar.textContent()).not.toContain('sesame server');
  });

  test('runs a file', async () => {
    await enterServer(workbench, server.url, 'open sesame', 'sesame server');
    await runScript(workbench, 'sesame server');
  });
});

describe.skipIf(host.kind === 'none' || kafkaMissing !== undefined)('a Kafka cluster that asks for a login', () => {
  const workbench = openWorkbench('kafka', THEMES.light, { 'orders.ksql': SCRIPT });
  let kafka: KafkaServer;

  beforeAll(async () => {
    kafka = await startKafka({ tls: true });
  }, 300_000);
  afterAll(() => kafka?.stop());

  test('runs a file over its topics', async () => {
    await workbench.command('KSQL: New Connection…');
    await workbench.pick('what to connect to', 'Kafka cluster');
    await workbench.answer('where it is', kafka.saslBootstrapServer);
    await workbench.pick('how it is secured', 'Login without encryption');
    await workbench.pick('how to log in', 'SCRAM-SHA-256');
    await workbench.answer('Connection: user', 'alice');
    await workbench.answer('Connection: password', 'alice-secret');
    await workbench.answer('schema registry', '');
    await workbench.answer('Kafka Connect', '');
    await workbench.answer('Connection: name', 'team cluster');
    await runScript(workbench, 'team cluster');
  });

  test('is edited: another listener, with certificates and a login over TLS', async () => {
    await workbench.command('KSQL: Edit Connection…');
    await workbench.pick('Edit a connection', 'team cluster');
    await workbench.answer('where it is', kafka.tls!.saslBootstrapServer);
    await workbench.pick('how it is secured', 'Login over TLS');
    await workbench.answer('who is trusted', path.join(CERTIFICATES, 'ca.pem'));
    await workbench.answer('certificate of this client', '');
    await workbench.pick('how to log in', 'SCRAM-SHA-512');
    await workbench.answer('Connection: user', 'alice');
    await workbench.answer('Connection: password', '');
    await workbench.answer('schema registry', '');
    await workbench.answer('Kafka Connect', '');
    // The stored password was entered for another place.
    await workbench.answer('Password of team cluster', 'alice-secret');
    // It is tried before it is kept, and nothing is asked where it answers.
    const toasts = workbench.page.locator('.notification-toast');
    await toasts.filter({ hasText: kafka.tls!.saslBootstrapServer }).waitFor({ state: 'hidden', timeout: 60_000 });
    expect(await toasts.filter({ hasText: 'Keep It Anyway' }).count()).toBe(0);
    expect(await workbench.statusBar.textContent()).toContain('team cluster');
  });
});
