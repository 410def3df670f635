/**
 * `npm run bench` takes the table of figures, prints it and writes it as JSON; `npm run bench -- latency panel` runs
 * other benchmarks, each in a process of its own. `--help` lists all.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { kafkaMissing } from '../test/support/kafka-server.ts';
import { printReport } from './table/figures.ts';
import { KAFKA_ENGINES, LINE_NAMES, takeFigures } from './table/table.ts';

const PARTS = new Set(['main', 'measure', 'compare', 'long-script', 'workbench-costs']);
const others = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => path.basename(file, '.ts'))
  .filter((name) => !PARTS.has(name));

const USAGE = `npm run bench -- [options]     the table: ${LINE_NAMES.join(', ')}
  --only NAME,…     of its lines
  --rounds N        how often each is run (5)
  --rows N          instead of each line's own number
  --engines NAME,…  Kafka to Kafka: ${KAFKA_ENGINES.join(', ')} (all)
  --against FOLDER  takes turns with another checkout, and writes two files for bench/compare.ts
  --json FILE       where the figures go (bench/results/ and the time)
npm run bench -- NAME…         other benchmarks: ${others.join(', ')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    rows: { type: 'string' },
    engines: { type: 'string' },
    against: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** Ends with status 2 where a name is none of those that there are. */
function checkNames(what: string, names: readonly string[], all: readonly string[]): void {
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length === 0) return;
  console.error(`There is no ${what} ${unknown.join(', ')}: there are ${all.join(', ')}.`);
  process.exit(2);
}

/** @returns a whole number above 0, or undefined where none was given; else ends with status 2 */
function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d*$/.test(text)) return text === undefined ? undefined : Number(text);
  console.error(`--${option} takes a whole number above 0, not ${text}.`);
  process.exit(2);
}

async function table(): Promise<void> {
  const only = values.only?.split(',');
  const engines = KAFKA_ENGINES.filter((name) => values.engines?.split(',').includes(name) ?? true);
  checkNames('line', only ?? [], LINE_NAMES);
  checkNames('engine', values.engines?.split(',') ?? [], KAFKA_ENGINES);
  const here = path.join(import.meta.dirname, '..');
  if (values.against !== undefined && !existsSync(path.join(values.against, 'bench/table/run-line.ts'))) {
    console.error(`--against ${values.against}: there is no bench/table/run-line.ts in it.`);
    process.exit(2);
  }
  const folders = values.against === undefined ? [here] : [here, path.resolve(values.against)];
  const rounds = numberOf('rounds', values.rounds)!;
  const reports = await takeFigures({ rounds, only, engines, rows: numberOf('rows', values.rows), folders });
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const file = values.json ?? path.join(import.meta.dirname, 'results', `${time}.json`);
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  for (const [i, report] of reports.entries()) {
    const to = i === 0 ? file : file.replace(/(\.json)?$/, '-against.json');
    printReport(report);
    writeFileSync(to, `${JSON.stringify(report, null, 2)}\n`);
    console.log(`\nwritten to ${to}`);
  }
}

function other(name: string): boolean {
  if (name === 'kafka' && kafkaMissing !== undefined) return true;
  const isBuilt = existsSync(path.join(import.meta.dirname, '../dist/ksql.mjs'));
  if (['latency', 'panel', 'notebook'].includes(name) && !isBuilt)
    spawnSync(process.execPath, [path.join(import.meta.dirname, '../scripts/build.ts')], { stdio: 'inherit' });
  console.log(`\n── ${name}`);
  return spawnSync(process.execPath, [path.join(import.meta.dirname, `${name}.ts`)], { stdio: 'inherit' }).status === 0;
}

checkNames('benchmark', positionals, others);
if (values.help) console.log(USAGE);
else if (positionals.length > 0) process.exitCode = positionals.map(other).includes(false) ? 1 : 0;
else await table();
