import { describe } from 'vitest';
import { kafkaMissing, startKafka } from '../../../support/kafka-server.ts';
import { describeTwoEngines } from './two-engines.ts';

describe.skipIf(kafkaMissing !== undefined)('two engines on a real Kafka', () =>
  describeTwoEngines(() => startKafka()),
);
