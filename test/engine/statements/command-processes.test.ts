import { describe } from 'vitest';
import { startEmbeddedKafka } from '../../support/embedded-kafka.ts';
import { describeCommands } from './command-scenarios.ts';

/** With nothing installed, over the broker of another engine. */
describe('engines of one service on an embedded broker that answers as Kafka', () =>
  describeCommands(startEmbeddedKafka));
