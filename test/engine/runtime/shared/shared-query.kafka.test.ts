import { describe } from 'vitest';
import { kafkaMissing, startKafka } from '../../../support/kafka-server.ts';
import { describeSharing } from './sharing-scenarios.ts';

describe.skipIf(kafkaMissing !== undefined)('engines that share a query on Kafka', () =>
  describeSharing(async () => ({ ...(await startKafka()), deletesRecords: true })),
);
