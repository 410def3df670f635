import { describe } from 'vitest';
import { kafkaMissing, startKafka } from '../../support/kafka-server.ts';
import { describeCommands } from './command-scenarios.ts';

describe.skipIf(kafkaMissing !== undefined)('engines of one service on Kafka', () => describeCommands(startKafka));
