import { describe } from 'vitest';
import { MemoryBroker } from '../../../../engine/broker/embedded/memory-broker.ts';
import { KafkaListener } from '../../../../engine/broker/listener/kafka-listener.ts';
import { describeTwoEngines } from './two-engines.ts';

/** With nothing installed, over an embedded broker that answers as Kafka. */
describe('two engines on an embedded broker', () =>
  describeTwoEngines(async () => {
    const broker = new MemoryBroker();
    const listener = await KafkaListener.open(broker, { host: '127.0.0.1', port: 0 });
    return {
      bootstrapServer: `127.0.0.1:${listener.port}`,
      async stop() {
        await listener.close();
        await broker.close();
      },
    };
  }));
