/**
 * `npm run smoke`: rounds of Kafka Streams' smoke test on a real Kafka, half of them with each guarantee; with
 * `--kill-broker` the broker is killed, too. Ends with 1 when a result was wrong.
 */
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Chance } from '../../support/chance.ts';
import { kafkaMissing, startKafka } from '../../support/kafka-server.ts';
import { SmokeTest } from './smoke-test.ts';

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
const logFolder = path.join(tmpdir(), `ksql-smoke-logs-${values.seed}`);
const smoke = await SmokeTest.start({
  bootstrapServer: kafka.bootstrapServer,
  restartBroker: values['kill-broker'] ? () => kafka.restart() : undefined,
  sessionMs: 6_000,
  loadMs: 12_000,
  killEveryMs: 2_000,
  patienceMs: 120_000,
  logFolder,
});
let right = 0;
let done = 0;
try {
  while (done < Number(values.rounds)) {
    const seed = Number(values.seed) + done / 2;
    const { reports, kills, seconds } = await smoke.round(new Chance(seed));
    for (const { guarantee, problems } of reports) {
      const outcome = problems.length === 0 ? 'right' : `${problems.length} wrong`;
      if (problems.length === 0) right++;
      console.log(
        `round ${done++}, seed ${seed}, ${guarantee}: ${kills} kills, ${outcome}, ${seconds.toFixed(0)} s, load ${loadavg()[0]!.toFixed(1)}`,
      );
      for (const problem of problems.slice(0, 10)) console.log(`  ${problem}`);
    }
  }
} finally {
  await smoke.stop();
  await kafka.stop();
}
console.log(`${right} of ${done} rounds right`);
if (right < done) {
  console.log(`logs of the engines: ${logFolder}`);
  process.exitCode = 1;
}
