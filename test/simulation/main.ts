import { parseArgs } from 'node:util';
import { simulateCommandTopic } from './command-topic.ts';

/** What is simulated, by name. */
const SIMULATIONS = { 'command-topic': simulateCommandTopic } as const;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    only: { type: 'string' },
  },
});
const first = Number(values.seed ?? values.from);
const last = values.seed === undefined ? first + Number(values.seeds) - 1 : first;
let failures = 0;
for (const [name, simulate] of Object.entries(SIMULATIONS)) {
  if (values.only !== undefined && values.only !== name) continue;
  const startMs = performance.now();
  for (let seed = first; seed <= last; seed++) {
    try {
      await simulate(seed);
    } catch (error) {
      failures++;
      console.error(`${error instanceof Error ? error.message : error}`);
      console.error(`Run it again with: npm run simulate -- --only ${name} --seed ${seed}\n`);
    }
  }
  const seconds = (performance.now() - startMs) / 1000;
  console.log(`${name}: ${last - first + 1} seeds in ${seconds.toFixed(1)} s`);
}
console.log(failures === 0 ? 'No seed has failed.' : `${failures} seeds have failed.`);
process.exitCode = failures === 0 ? 0 : 1;
