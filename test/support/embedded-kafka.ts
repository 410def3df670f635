import { MemoryBroker } from '../../engine/broker/embedded/memory-broker.ts';
import { KafkaListener } from '../../engine/broker/listener/kafka-listener.ts';

/** What answers as Kafka. */
export interface EmbeddedKafka {
  readonly bootstrapServer: string;
  stop(): Promise<void>;
}

/** An embedded broker that answers Kafka's protocol: several engines share it with nothing installed. */
export async function startEmbeddedKafka(): Promise<EmbeddedKafka> {
  const broker = new MemoryBroker();
  const listener = await KafkaListener.open(broker, { host: '127.0.0.1', port: 0 });
  return {
    bootstrapServer: `127.0.0.1:${listener.port}`,
    async stop() {
      await listener.close();
      await broker.close();
    },
  };
}
