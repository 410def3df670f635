import path from 'node:path';
import type { Broker } from '../broker/broker.ts';
import { Engine } from '../index.ts';
import { MemoryRegistry } from '../serde/memory-registry.ts';

/** What an engine of the command line is made of. */
export interface EngineChoice {
  readonly bootstrapServer?: string;
  readonly schemaRegistry?: string;
  readonly connect?: string;
  readonly stateDir?: string;
  readonly serviceId?: string;
  readonly property?: Readonly<Record<string, string>>;
  /** Folders in which connectors look for files. */
  readonly folders?: readonly string[];
}

/** Opens an engine on the embedded broker, or on a Kafka cluster. Clients of either are only loaded when they are needed. */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  const { stateDir, serviceId, connect } = choice;
  const registry =
    choice.schemaRegistry === undefined ? new MemoryRegistry() : await httpRegistry(choice.schemaRegistry);
  return Engine.open({
    broker: await openBroker(choice),
    registry,
    properties: new Map(Object.entries(choice.property ?? {})),
    ...(stateDir === undefined ? {} : { stateDir: path.join(stateDir, 'engine') }),
    ...(serviceId === undefined ? {} : { serviceId }),
    ...(connect === undefined ? {} : { connectUrl: connect }),
    folders: () => choice.folders ?? [process.cwd()],
  });
}

async function openBroker({ bootstrapServer, stateDir, property = {} }: EngineChoice): Promise<Broker> {
  if (bootstrapServer !== undefined) {
    const [{ KafkaBroker }, { kafkaSettings }] = await Promise.all([
      import('../broker/kafka-broker.ts'),
      import('../broker/kafka-settings.ts'),
    ]);
    return KafkaBroker.connect(kafkaSettings({ ...property, 'bootstrap.servers': bootstrapServer }));
  }
  const { MemoryBroker } = await import('../broker/memory-broker.ts');
  return new MemoryBroker(stateDir === undefined ? {} : { stateDir: path.join(stateDir, 'broker') });
}

async function httpRegistry(url: string) {
  const { HttpRegistry } = await import('../serde/http-registry.ts');
  return new HttpRegistry({ urls: url.split(',') });
}
