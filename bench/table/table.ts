/**
 * The table of figures: every line by every engine, the median of some rounds. Lines and engines take turns within a
 * round, so that what else the machine does meanwhile falls on all of them.
 */
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import path from 'node:path';
import { QUERIES } from '../nexmark/queries.ts';
import { KAFKA_LINES, type KafkaLine } from '../over-kafka/lines.ts';
import { BenchKafka, KAFKA_ENGINES, type KafkaEngine, kafkaUnavailable, peerVersions } from '../over-kafka/peers.ts';
import { runOnKafka } from '../over-kafka/run-on-kafka.ts';
import { CPU_RATE, type Figure, machineState, type Report, type Run } from './figures.ts';
import { LINES } from './lines.ts';

export interface TableOptions {
  readonly rounds: number;
  /** Names of lines; absent: all. */
  readonly only: readonly string[] | undefined;
  readonly engines: readonly KafkaEngine[];
  /** Rows of a line, where it is not to have its own number. */
  readonly rows: number | undefined;
  /** The folders whose engines are measured by turns: this one, and one to compare with. */
  readonly folders: readonly string[];
}

const MEMORY_LINE = 'memory';
const MEMORY_ROWS = 1_000_000;
const IN_PROCESS = 'here, in process';
/** V8's own ceiling would be reached by the rows of the larger lines. */
const NODE_OPTIONS = ['--max-old-space-size=8192'];

export const LINE_NAMES: readonly string[] = [
  ...LINES.map(({ name }) => name),
  MEMORY_LINE,
  ...QUERIES.map(({ name }) => `nexmark-${name}`),
  ...KAFKA_LINES.map(({ name }) => name),
];
export { KAFKA_ENGINES };

/** Takes all figures, and tells on standard error how far it is. @returns a report for each folder */
export async function takeFigures(options: TableOptions): Promise<readonly Report[]> {
  const { folders, rounds, engines } = options;
  const kafkaLines = KAFKA_LINES.filter(({ name }) => isWanted(options, name));
  const unavailable = kafkaLines.length > 0 ? kafkaUnavailable() : undefined;
  const overKafka = unavailable === undefined ? kafkaLines : [];
  const pairing = folders.length > 1 ? { pairing: `${Date.now()}-${process.pid}` } : {};
  const tables = folders.map((folder) => {
    const machine = machineState(folder, overKafka.length > 0 ? peerVersions(engines) : {});
    return new Table(folder, options, { machine, figures: [], missing: [], ...pairing });
  });
  const kafka = overKafka.length > 0 ? await BenchKafka.start() : undefined;
  try {
    for (let round = 0; round < rounds; round++) {
      for (const name of LINE_NAMES.filter((each) => !each.startsWith('kafka-') && isWanted(options, each)))
        for (const table of inTurn(tables, round)) await table.runInProcess(name);
      if (kafka !== undefined) for (const table of inTurn(tables, round)) await table.runOverKafka(overKafka, kafka);
      for (const { report } of tables) report.machine.loads.push(loadavg()[0]!);
      console.error(`round ${round + 1} of ${rounds} is done`);
    }
  } finally {
    kafka?.stop();
  }
  for (const { report } of tables)
    for (const line of unavailable === undefined ? [] : kafkaLines)
      for (const engine of engines)
        if (line.engines.includes(engine)) report.missing.push({ title: line.title, engine, reason: unavailable! });
  return tables.map(({ report }) => report);
}

const isWanted = ({ only }: TableOptions, name: string): boolean => only?.includes(name) ?? true;

/** Who was first in one round is last in the next. */
const inTurn = <T>(items: readonly T[], round: number): readonly T[] => (round % 2 === 0 ? items : items.toReversed());

class Table {
  readonly report: Report;
  readonly #folder: string;
  readonly #options: TableOptions;

  constructor(folder: string, options: TableOptions, report: Report) {
    this.#folder = folder;
    this.#options = options;
    this.report = report;
  }

  async runInProcess(name: string): Promise<void> {
    const { program, args, rows, ...figure } = inProcess(name, this.#options.rows);
    try {
      const run = await runProcess(path.join(this.#folder, program), [...args, String(rows)]);
      this.#add({ line: name, engine: IN_PROCESS, rows, ...figure }, run);
    } catch (error) {
      this.#miss(figure.title, IN_PROCESS, error);
    }
  }

  async runOverKafka(lines: readonly KafkaLine[], kafka: BenchKafka): Promise<void> {
    for (const engine of this.#options.engines) {
      // A peer is measured once, not for each folder.
      if (engine !== 'here' && this.#folder !== this.#options.folders[0]) continue;
      const its = lines.filter((line) => line.engines.includes(engine));
      const rowsOf = (line: KafkaLine) => this.#options.rows ?? line.rows;
      for await (const [line, run] of runOnKafka(engine, its, { kafka, rowsOf, folder: this.#folder })) {
        const { name, title } = line;
        const unit = line.byTheClock ? `${line.unit} a second by the clock` : `${line.unit} per CPU-second`;
        if (run instanceof Error) this.#miss(title, engine, run);
        else this.#add({ line: name, title, engine, rows: rowsOf(line), unit, isRate: true }, run);
      }
    }
  }

  #add(figure: Omit<Figure, 'runs'>, run: Run): void {
    const { figures } = this.report;
    const known = figures.find(({ line, engine }) => line === figure.line && engine === figure.engine);
    if (known === undefined) figures.push({ ...figure, runs: [run] });
    else known.runs.push(run);
    console.error(`${figure.title}, ${figure.engine}: ${Math.round(run.value).toLocaleString('en-US')} ${figure.unit}`);
  }

  /** A line that fails once has no figure that could be trusted. */
  #miss(title: string, engine: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`${title}, ${engine}: ${reason}`);
    this.report.missing.push({ title, engine, reason: reason.split('\n')[0]! });
    const { figures } = this.report;
    const at = figures.findIndex((each) => each.title === title && each.engine === engine);
    if (at >= 0) figures.splice(at, 1);
  }
}

interface InProcess extends Pick<Figure, 'title' | 'unit' | 'isRate' | 'rows'> {
  readonly program: string;
  readonly args: readonly string[];
}

/** What is run for a line in process, and what its figure is called. */
function inProcess(name: string, rows: number | undefined): InProcess {
  const query = QUERIES.find((each) => `nexmark-${each.name}` === name);
  if (query !== undefined) {
    return {
      program: 'bench/nexmark/run-query.ts',
      args: [query.name],
      rows: rows ?? query.events,
      title: `Nexmark ${query.name}, ${query.title}`,
      unit: 'events per CPU-second',
      isRate: true,
    };
  }
  const line = LINES.find((each) => each.name === name);
  const run = { program: 'bench/table/run-line.ts', args: [name], rows: rows ?? line?.rows ?? MEMORY_ROWS };
  return line === undefined
    ? { ...run, title: 'memory per (key, window) of a tumbling count', unit: 'bytes', isRate: false }
    : { ...run, title: line.title, unit: CPU_RATE, isRate: true };
}

/** Each run has a process of its own: what the compiler made of one line does not help or hinder the next. */
async function runProcess(program: string, args: readonly string[]): Promise<Run> {
  const child = spawn(process.execPath, [...NODE_OPTIONS, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, status] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  if (status === 0) return JSON.parse(out) as Run;
  throw new Error(/^\w*Error: .*$/m.exec(err)?.[0] ?? `The run ended with ${String(status)}: ${err.slice(0, 500)}`);
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
