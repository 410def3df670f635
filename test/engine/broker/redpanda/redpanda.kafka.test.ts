import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KafkaBroker } from '../../../../engine/broker/kafka/kafka-broker.ts';
import { checkContainerRuntime } from '../../../../engine/broker/redpanda/container-runtime-check.ts';
import {
  type SandboxStep,
  sandboxStatus,
  startSandbox,
  stopSandbox,
} from '../../../../engine/broker/redpanda/redpanda.ts';
import { batchOf, recordsOf } from '../broker-contract.ts';

/** The image to test with; without it nothing is pulled or started. */
const image = process.env['KSQL_SANDBOX_IMAGE'];
const runtime = await checkContainerRuntime();
const why =
  runtime.kind !== 'answers' ? runtime.message : image === undefined ? 'KSQL_SANDBOX_IMAGE is not set.' : undefined;
if (why !== undefined) console.warn(`Skipped: the container is not tested. ${why}`);

describe.skipIf(why !== undefined)('the Redpanda container', () => {
  const settings = { image: image!, kafkaPort: 29192, registryPort: 28181 };
  beforeAll(() => stopSandbox());
  afterAll(() => stopSandbox());

  test('names the image that cannot be fetched', async () => {
    const failing = startSandbox({ ...settings, image: 'localhost/no-such-image:1', startTimeoutMs: 5000 });
    await expect(failing).rejects.toMatchObject({
      step: 'image',
      message: expect.stringMatching(/no-such-image:1 could not be fetched/),
    });
  });

  test('names the port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(settings.registryPort, '127.0.0.1', resolve));
    await expect(startSandbox(settings)).rejects.toMatchObject({
      step: 'ports',
      message: expect.stringMatching(/Port 28181 is taken/),
    });
    await new Promise((resolve) => server.close(resolve));
  });

  test('starts, step by step, serves Kafka and the registry, and is stopped by another process', async () => {
    const steps: SandboxStep[] = [];
    const sandbox = await startSandbox(settings, (step) => steps.push(step));
    expect(steps.filter(({ state }) => state === 'done').map(({ name }) => name)).toEqual([
      ...['program', 'answer', 'permission', 'image', 'ports', 'container', 'kafka', 'registry'],
    ]);
    const broker = await KafkaBroker.connect({ bootstrapServers: [sandbox.bootstrapServer] });
    await broker.createTopic({ name: 't', partitions: 1, replicas: -1 });
    await broker.append('t', 0, [batchOf('a', 'b')]);
    const records = recordsOf(await broker.read({ topic: 't', partition: 0, offset: 0 }, 1 << 20));
    expect(records.map(({ value }) => value)).toEqual(['a', 'b']);
    await broker.close();
    expect(await (await fetch(`${sandbox.registryUrl}/subjects`)).json()).toEqual([]);
    expect(await sandboxStatus()).toEqual({ kind: 'running', ...sandbox });
    // A second start finds the one that runs.
    expect(await startSandbox(settings)).toEqual(sandbox);

    const module = path.join(import.meta.dirname, '../../../../engine/broker/redpanda/redpanda.ts');
    const script = `const { stopSandbox } = await import(${JSON.stringify(module)}); console.log(await stopSandbox());`;
    const other = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
    expect(other.stdout.trim()).toBe('true');
    expect(await sandboxStatus()).toEqual({ kind: 'stopped' });
  }, 180_000);
});
