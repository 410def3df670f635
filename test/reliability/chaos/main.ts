/**
 * `npm run chaos`: rounds in which three engines and their Kafka are killed by chance, exactly once; with `--restarts`
 * all engines are ended and others, of another number, go on. Ends with 1 when a record was lost or there twice, or a
 * table was wrong; then the logs of the engines are kept.
 */
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { kafkaMissing, startKafka } from '../../support/kafka-server.ts';
import { kills, restarts } from './blows.ts';
import { chaosRound } from './chaos-round.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    restarts: { type: 'boolean', default: false },
    'load-seconds': { type: 'string', default: '20' },
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
    const logFolder = path.join(tmpdir(), `ksql-chaos-logs-${seed}`);
    const { blows, doubledInput, problems, seconds, settledSeconds } = await chaosRound({
      bootstrapServer: kafka.bootstrapServer,
      strike: values.restarts ? restarts : kills(() => kafka.restart()),
      sessionMs: 6000,
      seed,
      loadMs: Number(values['load-seconds']) * 1000,
      patienceMs: 90_000,
      logFolder,
    });
    const outcome = problems.length === 0 ? 'right' : `${problems.length} wrong`;
    console.log(
      `round ${round}, seed ${seed}: ${blows.length} blows, ${doubledInput} orders written twice, ${outcome}, ${seconds.toFixed(0)} s, ${settledSeconds.toFixed(0)} of them after the load, load ${loadavg()[0]!.toFixed(1)}`,
    );
    for (const blow of blows) console.log(`  ${blow}`);
    for (const problem of problems) console.log(`  wrong: ${problem}`);
    if (problems.length === 0) continue;
    console.log(`  logs of the engines: ${logFolder}`);
    process.exitCode = 1;
  }
} finally {
  await kafka.stop();
}
