/**
 * `npm run smoke`: rounds of Kafka Streams' smoke test on a real Kafka, each guarantee in turn; with `--kill-broker`
 * the broker is killed, too. Ends with 1 when a result was wrong.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { SeededRandom } from '../../../engine/connectors/datagen/random.ts';
import { kafkaMissing, startKafka } from '../../support/kafka-server.ts';
import { smokeRound } from './smoke-round.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'kill-broker': { type: 'boolean', default: false },
  },
});
if (kafkaMissing !== undefined) {
  console.log(`skipped: ${kafkaMissing} is not installed`);
  process.exit(0);
}
const kafka = await startKafka();
try {
  for (let round = 0; round < Number(values.rounds); round++) {
    const seed = Number(values.seed) + round;
    const guarantee = round % 2 === 0 ? 'exactly_once_v2' : 'at_least_once';
    const report = await smokeRound({
      bootstrapServer: kafka.bootstrapServer,
      guarantee,
      restartBroker: values['kill-broker'] ? () => kafka.restart() : undefined,
      loadMs: 15_000,
      killEveryMs: 2_500,
      patienceMs: 60_000,
      random: new SeededRandom(seed),
    });
    const { kills, problems, seconds } = report;
    const outcome = problems.length === 0 ? 'right' : `${problems.length} wrong`;
    console.log(
      `round ${round}, seed ${seed}, ${guarantee}: ${kills} kills, ${outcome}, ${seconds.toFixed(0)} s, load ${loadavg()[0]!.toFixed(1)}`,
    );
    for (const problem of problems.slice(0, 10)) console.log(`  ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
  }
} finally {
  await kafka.stop();
}
