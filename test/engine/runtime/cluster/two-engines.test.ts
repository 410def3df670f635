import { describe } from 'vitest';
import { startEmbeddedKafka } from '../../../support/embedded-kafka.ts';
import { describeTwoEngines } from './two-engines.ts';

/** With nothing installed, over an embedded broker that answers as Kafka. */
describe('two engines on an embedded broker', () => describeTwoEngines(startEmbeddedKafka));
