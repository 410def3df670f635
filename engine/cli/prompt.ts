import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { STATEMENT_DOCS } from '../../language/documentation/statement-docs.ts';
import { FUNCTIONS } from '../../language/functions/catalogue.ts';
import { parseScript } from '../../language/index.ts';
import type { Diagnostic } from '../../language/text/diagnostic.ts';
import { identifierText, RESERVED_WORDS } from '../../language/text/identifier-text.ts';
import { ClientError } from '../api/client.ts';
import { rowCount } from '../api/row-count.ts';
import { EXIT, type ExitCode } from '../script/exit-codes.ts';
import { LineIndex } from '../script/line-index.ts';
import { readScript } from '../script/script-files.ts';
import { ScriptSession } from '../script/script-session.ts';
import { answerKeyOf } from './answer-key-of.ts';
import { markedSource } from './check.ts';
import { openTarget, type Target, type TargetOptions } from './engines/target.ts';
import { printAnswer } from './printing/print-answer.ts';
import { printEntity } from './printing/print-entity.ts';
import { rowPrinter } from './printing/row-printer.ts';
import { styles } from './printing/style.ts';
import { statementProblem } from './statement-problem.ts';

const HISTORY_SIZE = 1000;
/** More statements than this are listed by a line each. */
const MOST_HELP = 2;
const historyFile = () =>
  path.join(process.env['XDG_STATE_HOME'] ?? path.join(homedir(), '.local/state'), 'ksql-workbench', 'history');

/** `ksql`: reads statements and shows their answers until it is told to exit. */
export async function prompt(options: TargetOptions): Promise<ExitCode> {
  const target = await openTarget({ files: [process.cwd()], ...options });
  const session = new Prompt(target);
  try {
    await session.run();
    return EXIT.done;
  } finally {
    await target.close();
  }
}

class Prompt {
  readonly #target: Target;
  readonly #session = new ScriptSession({});
  readonly #style = styles(process.stdout);
  #lines: Interface | undefined;
  #pending = '';
  /** Ends the query that is running. */
  #stop: (() => void) | undefined;
  #names: string[] = [];

  constructor(target: Target) {
    this.#target = target;
  }

  async run(): Promise<void> {
    const lines = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: process.stdin.isTTY === true,
      history: readHistory(),
      historySize: HISTORY_SIZE,
      removeHistoryDuplicates: true,
      completer: (line: string) => this.#complete(line),
    });
    this.#lines = lines;
    if (process.stdin.isTTY)
      process.stdout.write(
        `KSQL Workbench on ${this.#target.name}. Statements end with a semicolon; help lists the rest.\n`,
      );
    lines.on('SIGINT', () => this.#interrupted());
    this.#ask();
    for await (const line of lines) {
      if (!(await this.#take(line))) break;
      this.#ask();
    }
    lines.close();
  }

  #ask(): void {
    if (!process.stdin.isTTY) return;
    this.#lines?.setPrompt(this.#pending === '' ? this.#style.bold('ksql> ') : this.#style.dim('    … '));
    this.#lines?.prompt();
  }

  /** Ctrl+C stops the query that runs, else forgets what was typed. */
  #interrupted(): void {
    if (this.#stop !== undefined) this.#stop();
    else {
      this.#pending = '';
      // As if Ctrl+E and Ctrl+U were pressed: the interface has no other way to drop what was typed.
      this.#lines?.write(null, { ctrl: true, name: 'e' });
      this.#lines?.write(null, { ctrl: true, name: 'u' });
      process.stdout.write('\n');
      this.#ask();
    }
  }

  /** Takes a line in; false when it says exit. */
  async #take(line: string): Promise<boolean> {
    const command = line.trim().replace(/;$/, '');
    if (this.#pending === '') {
      if (/^(exit|quit)$/i.test(command)) return false;
      if (command === '') return true;
      if (await this.#local(command)) return true;
    }
    this.#pending += `${line}\n`;
    const parsed = parseScript(this.#pending, { dialect: 'latest' });
    const complete =
      parsed.statements.length > 0 &&
      /;\s*$/.test(this.#pending) &&
      !parsed.statements.some(({ diagnostics }) => diagnostics[0]?.code === 'syntax-unclosed-quote');
    if (!complete) return true;
    const text = this.#pending;
    this.#pending = '';
    saveHistory(text.trim().replace(/\s*\n\s*/g, ' '));
    await this.#execute(text);
    return true;
  }

  async #local(command: string): Promise<boolean> {
    if (/^help$/i.test(command)) {
      process.stdout.write(HELP);
      return true;
    }
    const topic = /^help\s+(.+)$/i.exec(command)?.[1];
    if (topic !== undefined) {
      const text = helpOn(topic);
      if (text === undefined) await this.#execute(`DESCRIBE FUNCTION ${topic};`);
      else process.stdout.write(text);
      return true;
    }
    if (/^clear$/i.test(command)) {
      if (process.stdout.isTTY) process.stdout.write('\u001b[2J\u001b[H');
      return true;
    }
    if (/^version$/i.test(command)) {
      process.stdout.write(`${(await this.#target.client.info()).KsqlServerInfo.version}\n`);
      return true;
    }
    const script = /^run\s+script\s+'([^']+)'$/i.exec(command);
    if (script === null) return false;
    try {
      await this.#execute(readScript(script[1]!));
    } catch (error) {
      process.stdout.write(`${this.#style.red((error as Error).message)}\n`);
    }
    return true;
  }

  async #execute(text: string): Promise<void> {
    for (const statement of parseScript(text, { dialect: 'latest' }).statements) {
      try {
        const problem = statement.text.includes('${') ? undefined : statement.diagnostics[0];
        if (problem !== undefined) {
          this.#showProblem(text, problem);
          return;
        }
        if (this.#session.take(statement)) continue;
        if (statement.node?.$type === 'Query') await this.#query(statement.text);
        else if (statement.node?.$type === 'PrintTopic') await this.#print(statement.text);
        else {
          const entities = await this.#target.client.execute(statement.text, this.#session.options());
          for (const entity of entities) printEntity(entity);
        }
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        this.#showProblem(text, statementProblem(error.message, statement, this.#target, this.#session, 'latest'));
        return;
      }
    }
    void this.#learnNames();
  }

  #showProblem(text: string, problem: Diagnostic): void {
    process.stdout.write(`${this.#style.red(problem.message)}\n${markedSource(new LineIndex(text), problem)}`);
  }

  async #query(sql: string): Promise<void> {
    const stream = await this.#target.client.query(sql, this.#session.options());
    const key = answerKeyOf(sql, this.#target, this.#session, 'latest');
    const printer = rowPrinter(stream.columns, { form: 'table', statement: 0, key });
    let stopped = false;
    this.#stop = () => {
      stopped = true;
      stream.close();
    };
    try {
      const count = await printAnswer(stream, printer);
      process.stdout.write(this.#style.dim(`${rowCount(count)}${stopped ? ', stopped' : ''}\n`));
    } finally {
      this.#stop = undefined;
    }
  }

  async #print(ksql: string): Promise<void> {
    const abort = new AbortController();
    this.#stop = () => abort.abort();
    try {
      for await (const line of this.#target.client.print(ksql, this.#session.options(abort.signal)))
        process.stdout.write(`${line}\n`);
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    } finally {
      this.#stop = undefined;
    }
  }

  #complete(line: string): [string[], string] {
    const file = /^\s*run\s+script\s+'([^']*)$/i.exec(line)?.[1];
    if (file !== undefined) return [filesThatBegin(file), file];
    const word = /[\w`"]*$/.exec(line)![0];
    const upper = word.toUpperCase();
    if (word === '') return [[], word];
    const all = [...RESERVED_WORDS, ...FUNCTIONS.keys(), ...this.#names];
    const hits = [...new Set(all.filter((name) => name.toUpperCase().startsWith(upper)))].sort();
    // Completed as one types: what is begun in small letters goes on in small letters.
    return [/^[a-z]/.test(word) ? hits.map((name) => name.toLowerCase()) : hits, word];
  }

  async #learnNames(): Promise<void> {
    const entities = await this.#target.client.execute('SHOW STREAMS; SHOW TABLES;').catch(() => []);
    this.#names = entities
      .flatMap((entity) =>
        entity['@type'] === 'streams' ? entity.streams : entity['@type'] === 'tables' ? entity.tables : [],
      )
      .map(({ name }) => identifierText(name));
  }
}

const HELP = `Statements end with a semicolon and may go over several lines.
  help                   this text
  help create stream     what a statement or a function does, and how it is written
  exit                   leave
  clear                  clear the screen
  version                the server's version
  run script 'file.ksql' execute a file
Ctrl+C stops a query; Tab completes keywords, functions, names and file paths.
`;

/** What the statements that begin with some words do; undefined when none does. */
function helpOn(topic: string): string | undefined {
  const words = topic.toUpperCase().replace(/\s+/g, ' ');
  const docs = STATEMENT_DOCS.filter(({ label }) => label === words || label.startsWith(`${words} `));
  if (docs.length === 0) return undefined;
  if (docs.length > MOST_HELP) return docs.map(({ label, detail }) => `  ${label.padEnd(28)} ${detail}\n`).join('');
  return docs.map(({ syntax, docs, example }) => `${syntax}\n\n${docs}\n\n  ${example}\n`).join('\n');
}

/** Scripts and folders whose path begins as typed; a path to complete is given with forward slashes. */
function filesThatBegin(typed: string): string[] {
  const slash = typed.lastIndexOf('/') + 1;
  const [folder, start] = [typed.slice(0, slash), typed.slice(slash)];
  try {
    return readdirSync(folder === '' ? '.' : folder, { withFileTypes: true })
      .filter(
        (entry) => entry.name.startsWith(start) && (entry.isDirectory() || /\.(ksql|ksqlnb|sql)$/.test(entry.name)),
      )
      .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : "'"));
  } catch {
    return [];
  }
}

function readHistory(): string[] {
  const file = historyFile();
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).slice(-HISTORY_SIZE).reverse() : [];
}

/** A history that cannot be kept is no reason to fail. */
function saveHistory(statement: string): void {
  try {
    mkdirSync(path.dirname(historyFile()), { recursive: true });
    appendFileSync(historyFile(), `${statement}\n`);
  } catch {
    return;
  }
}
