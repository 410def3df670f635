import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Broker } from '../../engine/broker/broker.ts';
import type { Run } from '../table/figures.ts';
import { checkTopic } from '../table/run-to-end.ts';
import type { KafkaLine } from './lines.ts';
import { tools } from './peers.ts';

/** A line of what `flink-sql run` prints. */
interface FlinkFigure {
  readonly file: string;
  readonly run: number;
  readonly cpu_s: number;
  readonly wall_s: number;
}

const OUTPUT_BYTES = 64 * 2 ** 20;

/**
 * Runs lines in one process of Flink, each twice, of which the second run counts, from its submission to its end.
 * @param rowsOf how many rows a line has
 */
export async function* runInFlink(
  lines: readonly KafkaLine[],
  { bootstrap, broker, rowsOf }: { bootstrap: string; broker: Broker; rowsOf: (line: KafkaLine) => number },
): AsyncIterable<readonly [KafkaLine, Run | Error]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ksql-bench-flink-'));
  try {
    const counts = new Map<KafkaLine, number>();
    const files = [];
    for (const line of lines) {
      counts.set(line, await line.fill(broker, rowsOf(line)));
      const file = path.join(folder, `${line.name}.sql`);
      writeFileSync(file, line.flink!(rowsOf(line)).script);
      files.push(file);
    }
    const { figures, problems } = await runScripts(files, bootstrap);
    for (const line of lines) {
      const figure = figures.find(({ file, run }) => file === `${line.name}.sql` && run === 2);
      const measured =
        figure === undefined
          ? new Error(`Flink printed no figure: ${problems}`)
          : await checked(line, figure, { broker, rows: rowsOf(line), counted: counts.get(line)! });
      yield [line, measured];
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runScripts(
  files: readonly string[],
  bootstrap: string,
): Promise<{ readonly figures: readonly FlinkFigure[]; readonly problems: string }> {
  const args = ['run', ...files, '--exclude-startup', '--create-topics', '--fresh', '--repeat', '2', '--keep-going'];
  const running = promisify(execFile)(path.join(tools, 'flink/flink-sql'), args, {
    env: { ...process.env, BOOTSTRAP: bootstrap },
    maxBuffer: OUTPUT_BYTES,
  });
  const kill = () => running.child.kill('SIGKILL');
  process.once('exit', kill);
  const { stdout, stderr } = await running.catch(
    (error: unknown) => error as { readonly stdout: string; readonly stderr: string },
  );
  process.off('exit', kill);
  const figures = stdout
    .split('\n')
    .filter((text) => text.startsWith('{'))
    .map((text) => JSON.parse(text) as FlinkFigure);
  return { figures, problems: stderr.slice(0, 500).replaceAll('\n', ' ') };
}

async function checked(
  line: KafkaLine,
  { cpu_s, wall_s }: FlinkFigure,
  { broker, rows, counted }: { readonly broker: Broker; readonly rows: number; readonly counted: number },
): Promise<Run | Error> {
  const { topic, adapt } = line.flink!(rows);
  const check = line.check(rows);
  try {
    const results = await checkTopic(broker, topic, adapt?.(check) ?? check);
    await broker.deleteTopic(topic);
    return { value: counted / cpu_s, byTheClock: counted / wall_s, results };
  } catch (error) {
    return error as Error;
  }
}
