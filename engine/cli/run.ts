import path from 'node:path';
import type { ParsedStatement } from '../../language/index.ts';
import { type Dialect, EMPTY_METASTORE, parseScript } from '../../language/index.ts';
import type { ProjectConfig } from '../../language/project/project-config.ts';
import { ClientError } from '../api/client.ts';
import { toJson } from '../api/json-row.ts';
import type { Entity, ErrorBody, JsonValue } from '../api/protocol.ts';
import { rowCount } from '../api/row-count.ts';
import { replayFixture } from '../fixtures/replay-fixture.ts';
import { EXIT, type ExitCode } from '../script/exit-codes.ts';
import { LineIndex } from '../script/line-index.ts';
import { filesToRun } from '../script/project-files.ts';
import { readScript } from '../script/script-files.ts';
import { ScriptSession } from '../script/script-session.ts';
import { answerKeyOf } from './answer-key-of.ts';
import { describeDiagnostic } from './check.ts';
import { openTarget, type Target, type TargetOptions } from './engines/target.ts';
import { printAnswer } from './printing/print-answer.ts';
import { printEntity } from './printing/print-entity.ts';
import { type OutputForm, rowPrinter } from './printing/row-printer.ts';
import { styles } from './printing/style.ts';
import { settled } from './settled.ts';
import { statementProblem } from './statement-problem.ts';
import { readFixtureFile } from './topics/replay.ts';

export interface RunOptions extends TargetOptions {
  readonly untilEnd?: boolean;
  /** Ends a push query, or PRINT, when no row has come for so many seconds. */
  readonly idleTimeout?: number;
  readonly output: OutputForm;
  readonly dialect: Dialect;
  /** A fixture file whose records are written before the scripts run. */
  readonly replay?: string;
}

/** `ksql run`: executes scripts in order, those of a folder after what they need; the first error stops them. */
export async function run(files: readonly string[], options: RunOptions): Promise<ExitCode> {
  const { dialect } = options;
  const settings = { metastore: EMPTY_METASTORE, offline: true, dialect, properties: new Map(), variables: new Map() };
  const scripts = filesToRun(files, settings).map((script) => ({ ...script, text: readScript(script.file) }));
  const named = options.files ?? [process.cwd()];
  const folders = [...new Set([...scripts.map(({ file }) => path.dirname(path.resolve(file))), ...named])];
  const functions = [...(options.functions ?? []), ...scripts.flatMap((script) => script.functions)];
  const target = await openTarget({ ...options, files: folders, functions });
  const runner = new ScriptRunner(target, options);
  const interrupt = () => runner.interrupt();
  process.on('SIGINT', interrupt);
  try {
    if (options.replay !== undefined) await replayFixture(target.client, readFixtureFile(options.replay));
    for (const { file, text, config } of scripts) {
      runner.begin(config);
      const code = await runner.runScript(file, text);
      if (code !== EXIT.done) return code;
    }
    return EXIT.done;
  } finally {
    process.off('SIGINT', interrupt);
    await target.close();
  }
}

class ScriptRunner {
  readonly #target: Target;
  readonly #options: RunOptions;
  /** What holds by the command line. */
  readonly #given: Readonly<Record<string, string>>;
  readonly #session: ScriptSession;
  #abort = new AbortController();
  #interrupted = false;

  constructor(target: Target, options: RunOptions) {
    this.#target = target;
    this.#options = options;
    const own = options.untilEnd ? { 'ksql.workbench.until.end': 'true', 'auto.offset.reset': 'earliest' } : {};
    const dialect = options.dialect === '2018' ? { 'ksql.dialect': '2018' } : {};
    this.#given = { ...own, ...dialect, ...options.property };
    this.#session = new ScriptSession(this.#given);
  }

  /** Sets and defines what a project says of each of its scripts; what the command line says goes before it. */
  begin({ properties = {}, variables = {} }: ProjectConfig): void {
    for (const [name, value] of Object.entries(properties))
      if (!(name in this.#given)) this.#session.apply({ kind: 'set', name, value });
    for (const [name, value] of Object.entries(variables)) this.#session.apply({ kind: 'define', name, value });
  }

  interrupt(): void {
    this.#interrupted = true;
    this.#abort.abort();
  }

  async runScript(file: string, text: string): Promise<ExitCode> {
    const parsed = parseScript(text, { dialect: this.#options.dialect });
    const lines = new LineIndex(text);
    for (const statement of parsed.statements) {
      const problem = statement.text.includes('${') ? undefined : statement.diagnostics[0];
      if (problem !== undefined) {
        if (this.#options.output === 'json')
          this.#printError(
            statement,
            {
              '@type': 'statement_error',
              error_code: 40001,
              message: problem.message,
              statementText: statement.text,
              entities: [],
            },
            file,
            lines,
          );
        else process.stderr.write(describeDiagnostic(file, lines, problem));
        return EXIT.failed;
      }
      try {
        await this.#runStatement(statement);
      } catch (error) {
        if (this.#interrupted) return EXIT.interrupted;
        if (!(error instanceof ClientError)) throw error;
        this.#printError(
          statement,
          error.body ?? { '@type': 'generic_error', error_code: 50000, message: error.message },
          file,
          lines,
        );
        return EXIT.failed;
      }
      if (this.#interrupted) return EXIT.interrupted;
    }
    return EXIT.done;
  }

  async #runStatement(statement: ParsedStatement): Promise<void> {
    const type = statement.node?.$type;
    if (this.#session.take(statement)) return;
    if (type === 'Query') return this.#runQuery(statement);
    if (type === 'PrintTopic') return this.#printTopic(statement);
    const entities = await this.#target.client.execute(statement.text, this.#session.options(this.#abort.signal));
    for (const entity of entities) this.#printEntity(statement, entity);
    if (this.#options.untilEnd && this.#target.isEmbedded) await settled(this.#target.client, () => !this.#interrupted);
  }

  async #runQuery(statement: ParsedStatement): Promise<void> {
    const { output, idleTimeout } = this.#options;
    const started = performance.now();
    const stream = await this.#target.client.query(statement.text, this.#session.options(this.#abort.signal));
    const key = answerKeyOf(statement.text, this.#target, this.#session, this.#options.dialect);
    const printer = rowPrinter(stream.columns, { form: output, statement: statement.index, key });
    const stop = () => stream.close();
    this.#abort.signal.addEventListener('abort', stop, { once: true });
    const count = await printAnswer(stream, printer, idleTimeout === undefined ? undefined : idleTimeout * 1000);
    this.#abort.signal.removeEventListener('abort', stop);
    if (output === 'table') {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stderr.write(styles(process.stderr).dim(`${rowCount(count)} in ${seconds} s\n`));
    }
  }

  async #printTopic(statement: ParsedStatement): Promise<void> {
    const { output, idleTimeout } = this.#options;
    const idle = new AbortController();
    const timer = idleTimeout === undefined ? undefined : setTimeout(() => idle.abort(), idleTimeout * 1000);
    const signal = AbortSignal.any([this.#abort.signal, idle.signal]);
    try {
      for await (const line of this.#target.client.print(statement.text, this.#session.options(signal))) {
        timer?.refresh();
        process.stdout.write(
          output === 'json' ? `${toJson({ statement: statement.index, ...printed(line) })}\n` : `${line}\n`,
        );
      }
    } catch (error) {
      if (!idle.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #printEntity(statement: ParsedStatement, entity: Entity): void {
    if (this.#options.output === 'json')
      process.stdout.write(`${toJson({ statement: statement.index, response: entity })}\n`);
    else printEntity(entity);
  }

  #printError(statement: ParsedStatement, error: ErrorBody, file: string, lines: LineIndex): void {
    if (this.#options.output === 'json') {
      process.stdout.write(`${toJson({ statement: statement.index, error })}\n`);
      return;
    }
    const problem = statementProblem(error.message, statement, this.#target, this.#session, this.#options.dialect);
    process.stderr.write(describeDiagnostic(file, lines, problem));
  }
}

const PRINTED_RECORD =
  /^rowtime: (?<rowtime>.*?), key: (?<key>.*?), value: (?<value>.*), partition: (?<partition>\d+)$/s;

/**
 * What a line of PRINT says: a record, or else a notice about the formats of the topic. Where a key holds `, value: `
 * itself, the line does not tell where it ends; the value then begins there.
 */
function printed(line: string): { readonly row: JsonValue } | { readonly notice: string } {
  const record = PRINTED_RECORD.exec(line)?.groups;
  if (record === undefined) return { notice: line };
  return { row: { ...record, partition: Number(record['partition']) } };
}
