import { expect, test } from 'vitest';
import { openEngine } from '../../../engine/open-engine.ts';
import { startEmbeddedKafka } from '../../support/embedded-kafka.ts';

test('an engine whose Kafka is gone ends without it, and says what was not committed', {
  timeout: 60_000,
}, async () => {
  const kafka = await startEmbeddedKafka();
  const notices: string[] = [];
  const engine = await openEngine({
    bootstrapServers: kafka.bootstrapServer,
    properties: {
      'auto.offset.reset': 'earliest',
      'processing.guarantee': 'exactly_once_v2',
      'commit.interval.ms': '60000',
    },
    role: 'headless',
    onNotice: (notice) => notices.push(notice),
  });
  await engine.execute(`
    CREATE STREAM seen (id INT KEY, n INT) WITH (KAFKA_TOPIC = 'seen', VALUE_FORMAT = 'JSON', PARTITIONS = 2);
    CREATE TABLE sums AS SELECT n, COUNT(*) AS c FROM seen GROUP BY n;
    INSERT INTO seen VALUES (1, 1);`);
  const [query] = engine.queries.persistent();
  await expect.poll(() => query!.run.recordsIn.total, { timeout: 30_000 }).toBeGreaterThan(0);
  await kafka.stop();
  await engine.close();
  expect(notices.join('\n')).toContain(`${kafka.bootstrapServer} does not answer, and is not waited for any more.`);
  expect(notices.join('\n')).toContain('what it has done since its last commit is done again after a restart');
});
