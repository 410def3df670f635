import { expect, test } from 'vitest';
import type { Entity } from '../../../../engine/api/protocol.ts';
import { openEngine } from '../../../../engine/open-engine.ts';

type Properties = Extract<Entity, { readonly '@type': 'properties' }>;

async function shown(
  server: Readonly<Record<string, string>>,
  session: Readonly<Record<string, string>> = {},
): Promise<Properties> {
  const engine = await openEngine({ properties: server, serviceId: 'shop_' });
  try {
    const [entity] = await engine.execute('SHOW PROPERTIES;', { properties: session });
    return entity as Properties;
  } finally {
    await engine.close();
  }
}

const listedValue = ({ properties }: Properties, name: string) => properties.find((each) => each.name === name)?.value;

test('what the server was started with is listed as set, by whatever name it was given', async () => {
  const entity = await shown({
    'ksql.streams.num.stream.threads': '4',
    'commit.interval.ms': '500',
    'ksql.streams.producer.batch.size': '4096',
  });
  for (const [name, value] of [
    ['ksql.streams.num.stream.threads', '4'],
    ['ksql.streams.commit.interval.ms', '500'],
    ['ksql.streams.producer.batch.size', '4096'],
    ['ksql.service.id', 'shop_'],
    ['ksql.streams.bootstrap.servers', 'embedded'],
  ] as const) {
    expect(listedValue(entity, name), name).toBe(value);
    expect(entity.defaultProperties).not.toContain(name);
  }
  expect(entity.defaultProperties).toContain('ksql.streams.shutdown.timeout.ms');
  expect(entity.overwrittenProperties).toEqual([]);
});

test('what the session has set is listed as overwritten', async () => {
  const entity = await shown({}, { 'auto.offset.reset': 'latest', 'ksql.streams.consumer.max.poll.records': '5' });
  expect(entity.overwrittenProperties).toEqual([
    'ksql.streams.auto.offset.reset',
    'ksql.streams.consumer.max.poll.records',
  ]);
  expect(listedValue(entity, 'ksql.streams.auto.offset.reset')).toBe('latest');
  expect(listedValue(entity, 'ksql.streams.consumer.max.poll.records')).toBe('5');
});

test('secrets are not listed', async () => {
  const secret = 'do-not-tell';
  const entity = await shown({
    'ssl.key.password': secret,
    'ksql.streams.producer.sasl.jaas.config': secret,
    'ksql.schema.registry.basic.auth.user.info': secret,
  });
  expect(JSON.stringify(entity)).not.toContain(secret);
});
