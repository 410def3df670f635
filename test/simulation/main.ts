import { parseArgs } from 'node:util';
import { simulateCommandTopic } from './commands/command-topic.ts';
import { simulateQueries } from './queries/simulate-queries.ts';

type Tell = (line: string) => void;

/** What is simulated, by name. */
const SIMULATIONS: Readonly<Record<string, (seed: number, tell?: Tell) => Promise<unknown>>> = {
  commands: simulateCommandTopic,
  queries: simulateQueries,
};

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1..10000' },
    only: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});
const [first = 1, last = first] = values.seeds.split('..').map(Number);
const names = Object.keys(SIMULATIONS).filter((name) => (values.only ?? name) === name);
if (!Number.isInteger(first) || !Number.isInteger(last) || names.length === 0) {
  console.error(
    `Usage: npm run simulate -- [--seeds 1..10000] [--only ${Object.keys(SIMULATIONS).join('|')}] [--trace]`,
  );
  process.exit(2);
}
let failures = 0;
for (const name of names) {
  const began = process.cpuUsage();
  for (let seed = first; seed <= last; seed++) {
    const tell = values.trace ? (line: string) => console.log(line) : undefined;
    await SIMULATIONS[name]!(seed, tell).catch((error: Error) => {
      failures++;
      console.error(`${name}, seed ${seed}: ${error.message}`);
      console.error(`Run it again with: npm run simulate -- --only ${name} --seeds ${seed} --trace\n`);
    });
  }
  const { user, system } = process.cpuUsage(began);
  console.log(`${name}: ${last - first + 1} seeds in ${((user + system) / 1e6).toFixed(1)} s of CPU`);
}
console.log(failures === 0 ? 'No seed has failed.' : `${failures} seeds have failed.`);
process.exitCode = failures === 0 ? 0 : 1;
