import { afterAll } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { KafkaBroker } from '../../../../engine/broker/kafka/kafka-broker.ts';
import { KafkaListener } from '../../../../engine/broker/listener/kafka-listener.ts';
import { brokerContract } from '../broker-contract.ts';

const listeners: KafkaListener[] = [];
afterAll(() => Promise.all(listeners.map((listener) => listener.close())));

brokerContract('KafkaBroker on the listener of an embedded broker', async () => {
  const listener = await KafkaListener.open(new MemoryBroker(), { host: '127.0.0.1', port: 0 });
  listeners.push(listener);
  return KafkaBroker.connect({ bootstrapServers: [`127.0.0.1:${listener.port}`] });
});
