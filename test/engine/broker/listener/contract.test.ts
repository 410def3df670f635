import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { KafkaBroker } from '../../../../engine/broker/kafka/kafka-broker.ts';
import { KafkaListener } from '../../../../engine/broker/listener/kafka-listener.ts';
import { brokerContract } from '../broker-contract.ts';

const listeners: KafkaListener[] = [];
afterAll(() => Promise.all(listeners.map((listener) => listener.close())));

async function connectTo(broker: MemoryBroker): Promise<KafkaBroker> {
  const listener = await KafkaListener.open(broker, { host: '127.0.0.1', port: 0 });
  listeners.push(listener);
  return KafkaBroker.connect({ bootstrapServers: [`127.0.0.1:${listener.port}`] });
}

brokerContract('KafkaBroker on the listener of an embedded broker', () => connectTo(new MemoryBroker()));
brokerContract('KafkaBroker on the listener of an embedded broker with a directory', () =>
  connectTo(new MemoryBroker({ stateDir: mkdtempSync(path.join(tmpdir(), 'ksql-listener-')) })),
);
