import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import path from 'node:path';
import { median, rounded } from '../measure.ts';

/** One run of a line by one engine. */
export interface Run {
  /** In the figure's unit. */
  readonly value: number;
  /** Rows a second by the clock; absent where there is no such thing. */
  readonly byTheClock?: number;
  readonly results?: number;
}

export interface Figure {
  readonly line: string;
  readonly title: string;
  readonly engine: string;
  readonly unit: string;
  /** Whether more is better. */
  readonly isRate: boolean;
  readonly rows: number;
  readonly runs: Run[];
}

/** A figure that is not there, and why. */
export interface Missing {
  readonly title: string;
  readonly engine: string;
  readonly reason: string;
}

/** What the machine was while the figures were taken. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Of which commit the engine is; with a + where its files are changed. */
  readonly commit: string;
  readonly startedAt: string;
  /** The load of the last minute at the start, after each round, and at the end. */
  readonly loads: number[];
}

export interface Report {
  readonly machine: Machine;
  readonly figures: Figure[];
  readonly missing: Missing[];
  /** Files of runs that took turns with those of another file have the same; their runs are compared in pairs. */
  readonly pairing?: string;
}

export const CPU_RATE = 'rows per CPU-second';

export function machineState(folder: string, versions: Readonly<Record<string, string>>): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    versions: { node: process.versions.node, v8: process.versions.v8, ...versions },
    commit: commitOf(folder),
    startedAt: new Date().toISOString(),
    loads: [loadavg()[0]!],
  };
}

function commitOf(folder: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: path.resolve(folder), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    return git('rev-parse', '--short=12', 'HEAD').trim() + (git('status', '--porcelain', 'engine', 'language') && '+');
  } catch {
    return 'unknown';
  }
}

/** `1,230,000 (1,180,000 to 1,260,000)`: the median and the spread of some runs. */
export function spread(values: readonly number[]): string {
  if (values.length === 1) return `${rounded(values[0]!)} (one run)`;
  return `${rounded(median(values))} (${rounded(Math.min(...values))} to ${rounded(Math.max(...values))})`;
}

export function printReport({ machine, figures, missing }: Report): void {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  console.log(`\n${machine.cpu}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, ${machine.system}`);
  console.log(`${versions.join(', ')}; commit ${machine.commit}; ${machine.startedAt}`);
  console.log(
    `load of the last minute, from start to end: ${machine.loads.map((load) => load.toFixed(1)).join(', ')}\n`,
  );
  console.log('| | engine | median (lowest to highest) | unit | by the clock | runs, rows, results |');
  console.log('|---|---|---|---|---|---|');
  for (const { title, engine, unit, runs, rows } of figures) {
    const clock = runs.flatMap(({ byTheClock }) => byTheClock ?? []);
    const results = runs.flatMap((run) => run.results ?? []);
    const facts = [String(runs.length), rounded(rows), results.length > 0 ? rounded(median(results)) : '–'];
    console.log(
      `| ${title} | ${engine} | ${spread(runs.map(({ value }) => value))} | ${unit} | ${clock.length > 0 ? `${rounded(median(clock))} rows/s` : '–'} | ${facts.join(', ')} |`,
    );
  }
  for (const { title, engine, reason } of missing) console.log(`| ${title} | ${engine} | – | ${reason} | – | – |`);
}
