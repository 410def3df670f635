/**
 * `npm run conformance`: a sample of the recorded cases on two engines that share their work over a real Kafka with
 * four partitions. Ends with 1 when one gives something else.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { Chance } from '../../support/chance.ts';
import { kafkaMissing, startKafka } from '../../support/kafka-server.ts';
import { CASES, familyOf, sampledCases } from './sampled-cases.ts';
import { runShared } from './shared-cases.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '200' },
    seed: { type: 'string', default: '13' },
    only: { type: 'string', default: '' },
  },
});
const missing = existsSync(CASES) ? kafkaMissing : CASES;
if (missing !== undefined) {
  console.log(`skipped: ${missing} is not there`);
  process.exit(0);
}
const only = new RegExp(values.only, 'i');
const cases = sampledCases(new Chance(Number(values.seed)), Number(values.cases)).filter(({ fullName }) =>
  only.test(fullName),
);
const kafka = await startKafka();
try {
  const broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
  const beganMs = performance.now();
  const verdicts = await runShared(cases, broker, ({ name, verdict, detail }) => {
    if (verdict === 'wrong') console.log(`wrong: ${name}\n${detail}\n`);
    else if (verdict === 'as-one') console.log(`as one over four partitions: ${name}: ${detail.split('\n')[0]}`);
  });
  await broker.close();
  const count = (wanted: string) => verdicts.filter(({ verdict }) => verdict === wanted).length;
  const families = new Set(cases.map(familyOf)).size;
  console.log(
    `${verdicts.length} cases of ${families} families, seed ${values.seed}: ${count('recorded')} as recorded, ${count('as-one')} as one engine over four partitions, ${count('wrong')} wrong, ${count('needs-java')} need Java, ${((performance.now() - beganMs) / 1000).toFixed(0)} s`,
  );
  if (count('wrong') > 0) process.exitCode = 1;
} finally {
  await kafka.stop();
}
