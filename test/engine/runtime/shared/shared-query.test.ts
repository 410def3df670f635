import { describe } from 'vitest';
import { startEmbeddedKafka } from '../../../support/embedded-kafka.ts';
import { describeSharing } from './sharing-scenarios.ts';

/** With nothing installed, over the broker of another engine. */
describe('engines that share a query on an embedded broker that answers as Kafka', () =>
  describeSharing(startEmbeddedKafka));
