import type { Broker, FetchedBatches } from '../../../engine/broker/broker.ts';
import type { MemoryBroker } from '../../../engine/broker/embedded/memory-broker.ts';
import { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { RecordBatch } from '../../../engine/broker/record-batch.ts';
import type { Line } from './network.ts';

/** How long a reader that is cut off waits before it tries again. */
const RETRY_MS = 300;

/**
 * The broker as one process has it. Groups, their offsets and transactions are asked by Kafka's own protocol, as a
 * Kafka is asked; records and topics straight, which takes a fraction of the time, over a connection of the same kind.
 *
 * @throws BrokerError where it is not reached
 */
export async function openEngineBroker(broker: MemoryBroker, line: Line): Promise<Broker> {
  const kafka = await KafkaBroker.connect({ bootstrapServers: ['broker:9092'] }, () => line.open());
  const ask = line.ask.bind(line);
  return {
    description: kafka.description,
    clusterId: kafka.clusterId,
    createTopic: (spec) => ask(`to make ${spec.name}`, () => broker.createTopic(spec)),
    deleteTopic: (name) => ask(`to delete ${name}`, () => broker.deleteTopic(name)),
    listTopics: () => ask('all topics', () => broker.listTopics()),
    describeTopic: (name) => ask(`topic ${name}`, () => broker.describeTopic(name)),
    append: (topic, partition, batches) =>
      ask(`to append to ${topic}-${partition}`, () => broker.append(topic, partition, batches.map(copy))),
    read: (position, maxBytes, isolation) =>
      ask(`${position.topic}-${position.partition} from ${position.offset}`, () =>
        broker.read(position, maxBytes, isolation),
      ),
    offsets: (topic, options) => ask(`offsets of ${topic}`, () => broker.offsets(topic, options)),
    subscribe: (positions, handler) => subscribe(broker, line, positions, handler),
    committed: (group, topic) => kafka.committed(group, topic),
    commit: (group, positions) => kafka.commit(group, positions),
    listGroups: () => ask('all groups', () => broker.listGroups()),
    deleteGroup: (group) => ask(`to delete group ${group}`, () => broker.deleteGroup(group)),
    openTransactions: (id, options) => kafka.openTransactions(id, options),
    joinGroup: (options, callbacks) => kafka.joinGroup(options, callbacks),
    close: () => kafka.close(),
  };
}

/** The bytes that are sent stay those of who sends them. */
const copy = ({ bytes }: RecordBatch): RecordBatch => new RecordBatch(bytes.slice());

async function subscribe(
  broker: MemoryBroker,
  line: Line,
  positions: Parameters<Broker['subscribe']>[0],
  handler: Parameters<Broker['subscribe']>[1],
): ReturnType<Broker['subscribe']> {
  const { process, network } = line;
  const { server } = network;
  const arrive = (fetched: FetchedBatches, resolve: () => void): void => {
    if (line.isCut) {
      process.after(RETRY_MS, () => arrive(fetched, resolve));
      return;
    }
    network.tell?.(`gets ${fetched.topic}-${fetched.partition} from ${fetched.batches[0]!.baseOffset}`);
    void Promise.resolve(handler(fetched)).finally(resolve);
  };
  const deliver = (fetched: FetchedBatches) =>
    new Promise<void>((resolve) => {
      process.after(line.delayMs(), () => arrive(fetched, resolve));
    });
  // It is the reader's own: what can fail is to find out where to read.
  await line.ask('who leads', () => undefined);
  const subscription = await server.run(() => broker.subscribe(positions, deliver));
  return {
    pause: () => server.run(() => subscription.pause()),
    resume: () => server.run(() => subscription.resume()),
    close: () => server.run(() => subscription.close()),
  };
}
