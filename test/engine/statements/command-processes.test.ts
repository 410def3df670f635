import { describe } from 'vitest';
import { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { KafkaListener } from '../../../engine/broker/listener/kafka-listener.ts';
import { describeCommands } from './command-scenarios.ts';

/** With nothing installed, over the broker of another engine. */
describe('engines of one service on an embedded broker that answers as Kafka', () =>
  describeCommands(async () => {
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
