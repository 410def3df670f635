import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RowsDifference } from '../../engine/api/rows-difference.ts';
import { tripleFiles } from '../../engine/script/triple-files.ts';
import { pinnedSnapshots } from '../../language/notebook/pinned-snapshots.ts';
import { testBlocks } from '../../language/parser/test-blocks.ts';
import { functionsFolder } from '../statements/user-functions.ts';
import { FailedRows } from './failed-rows.ts';
import { jsonCases } from './json-cases.ts';
import { runKsql } from './run-ksql.ts';

/** What `ksql test --report` says of a case. */
interface Verdict {
  readonly name: string;
  readonly verdict: 'passed' | 'failed' | 'skipped' | 'needs-java';
  readonly message: string | null;
  readonly line?: number;
  /** What was expected and what came, where the two can be laid side by side. */
  readonly expected?: string;
  readonly actual?: string;
  readonly rows?: RowsDifference;
  readonly durationMs: number;
}

const SCRIPTS = '**/*.{ksql,ksqlnb,sql}';
/**
 * Any JSON file may hold tests, but those in folders of tests are looked for only: there may be thousands of others.
 */
const JSON_FILES = '**/*{test,tests}/**/*.json';
const MAX_JSON_CHARACTERS = 4 * 1024 * 1024;

/**
 * The test files of the workspace in the Test Explorer: scripts with `--@test: name` or pinned snapshots, triples of
 * ksql-test-runner, and JSON files in the form of ksqlDB's own cases. The command line runs them, in a process and on
 * an engine of their own.
 */
export class TestFiles implements vscode.Disposable {
  readonly failedRows = new FailedRows();
  readonly #distPath: string;
  readonly #log: vscode.LogOutputChannel;
  readonly #controller = vscode.tests.createTestController('ksql.tests', 'KSQL');
  readonly #watchers: readonly vscode.FileSystemWatcher[];
  readonly #subscriptions: vscode.Disposable[] = [];

  constructor(distPath: string, log: vscode.LogOutputChannel) {
    this.#distPath = distPath;
    this.#log = log;
    this.#controller.createRunProfile(
      vscode.l10n.t('Run'),
      vscode.TestRunProfileKind.Run,
      (request, token) => this.#run(request, token),
      true,
    );
    this.#controller.resolveHandler = (item) => (item === undefined ? this.#discover() : undefined);
    this.#controller.refreshHandler = () => this.#discover();
    this.#watchers = [SCRIPTS, JSON_FILES].map((files) => vscode.workspace.createFileSystemWatcher(files));
    for (const watcher of this.#watchers) {
      watcher.onDidDelete((uri) => this.#controller.items.delete(uri.toString()));
      watcher.onDidCreate((uri) => this.#readFile(uri));
    }
    this.#subscriptions.push(
      vscode.workspace.onDidOpenTextDocument((document) => this.#take(document)),
      // A JSON file has to be parsed as a whole, so not with every keystroke.
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (!isJson(document.uri)) this.#take(document);
      }),
      vscode.workspace.onDidSaveTextDocument((document) => this.#take(document)),
    );
    for (const document of vscode.workspace.textDocuments) this.#take(document);
  }

  /** Runs the tests of a file, or one of them, as the Test Explorer would. */
  async run(uri: vscode.Uri, name?: string): Promise<void> {
    const document = await vscode.workspace.openTextDocument(uri);
    if (document.isDirty) await document.save();
    this.#take(document);
    const file = this.#controller.items.get(uri.toString());
    const item = name === undefined ? file : file?.children.get(name);
    if (item === undefined) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('There is no test in this file: a test begins with a line "--@test: name".'),
      );
      return;
    }
    await this.#run(new vscode.TestRunRequest([item]), new vscode.CancellationTokenSource().token);
  }

  dispose(): void {
    this.#controller.dispose();
    for (const watcher of this.#watchers) watcher.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #discover(): Promise<void> {
    for (const files of [SCRIPTS, JSON_FILES])
      for (const uri of await vscode.workspace.findFiles(files, '**/node_modules/**')) await this.#readFile(uri);
  }

  async #readFile(uri: vscode.Uri): Promise<void> {
    const bytes = await vscode.workspace.fs.readFile(uri).then(
      (read) => read,
      () => new Uint8Array(),
    );
    this.#setTests(uri, new TextDecoder().decode(bytes));
  }

  #take(document: vscode.TextDocument): void {
    if (document.uri.scheme === 'file' && /\.(ksql|ksqlnb|sql|json)$/i.test(document.fileName))
      this.#setTests(document.uri, document.getText());
  }

  #setTests(uri: vscode.Uri, text: string): void {
    if (isJson(uri) && text.length > MAX_JSON_CHARACTERS) return;
    const id = uri.toString();
    const blocks = isJson(uri) ? jsonCases(text) : (tripleTests(uri) ?? scriptTests(text));
    if (blocks.length === 0) return this.#controller.items.delete(id);
    const file = this.#controller.items.get(id) ?? this.#controller.createTestItem(id, path.basename(uri.fsPath), uri);
    const lineOf = (offset: number) => text.slice(0, offset).split('\n').length - 1;
    file.children.replace(
      blocks.map(({ name, start }) => {
        const item = file.children.get(name) ?? this.#controller.createTestItem(name, name, uri);
        item.range = new vscode.Range(lineOf(start), 0, lineOf(start), 0);
        return item;
      }),
    );
    this.#controller.items.add(file);
  }

  async #run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const run = this.#controller.createTestRun(request);
    const wanted = request.include ?? [...this.#controller.items].map(([, item]) => item);
    const excluded = new Set(request.exclude);
    const byFile = Map.groupBy(
      wanted.flatMap(leaves).filter((item) => !excluded.has(item)),
      (item) => item.uri!.fsPath,
    );
    for (const [file, items] of byFile) {
      if (token.isCancellationRequested) break;
      for (const item of items) run.started(item);
      try {
        const verdicts = await this.#verdicts(file, items, token);
        for (const item of items) {
          const verdict = worst(verdicts.filter(({ name }) => name === item.id));
          this.failedRows.set(item, verdict?.rows);
          report(run, item, verdict);
        }
      } catch (error) {
        for (const item of items) {
          this.failedRows.set(item, undefined);
          run.errored(item, new vscode.TestMessage((error as Error).message));
        }
      }
    }
    run.end();
  }

  async #verdicts(
    file: string,
    items: readonly vscode.TestItem[],
    token: vscode.CancellationToken,
  ): Promise<readonly Verdict[]> {
    const scratch = await mkdtemp(path.join(tmpdir(), 'ksql-tests-'));
    const reportFile = path.join(scratch, 'report.json');
    const folder = functionsFolder();
    // JSON cases are called after their file alone, scripts after its path.
    const shown = items.some(({ uri }) => isJson(uri!)) ? path.basename(file, '.json') : file;
    const only = items.map(({ id }) => escapePattern(`${shown} - ${id}`)).join('|');
    // A JSON case may run in several formats or with several settings, which then stand behind its name.
    const args = ['test', file, '--snapshots', '--report', reportFile, '--only', `^(?:${only})(?: - .+)?$`];
    try {
      const functions = folder === undefined ? [] : ['--functions', folder];
      const { stderr: errors } = await runKsql(this.#distPath, [...args, ...functions], token);
      if (errors !== '') this.#log.warn(errors.trimEnd());
      const text = await readFile(reportFile, 'utf8').catch(() => {
        throw new Error(errors.trim() || vscode.l10n.t('The tests could not be run.'));
      });
      return (JSON.parse(text) as { readonly cases: readonly Verdict[] }).cases;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The test of a script that is part of a triple of ksql-test-runner: it is called after the file of its outputs. */
function tripleTests({ fsPath }: vscode.Uri): readonly { readonly name: string; readonly start: number }[] | undefined {
  const output = tripleFiles(path.basename(fsPath))?.output;
  if (output === undefined || !existsSync(path.join(path.dirname(fsPath), output))) return undefined;
  return [{ name: output, start: 0 }];
}

/** The tests of a script, and the snapshots that are pinned in it, by their names and places. */
const scriptTests = (text: string) => [
  ...testBlocks(text),
  ...pinnedSnapshots(text).map(({ name, cell }) => ({ name, start: cell.start })),
];

const isJson = ({ fsPath }: vscode.Uri): boolean => /\.json$/i.test(fsPath);

/** Of the verdicts of a case in several formats the one that matters. */
const worst = (verdicts: readonly Verdict[]): Verdict | undefined =>
  verdicts.find(({ verdict }) => verdict === 'failed') ??
  verdicts.find(({ verdict }) => verdict === 'passed') ??
  verdicts[0];

function leaves(item: vscode.TestItem): vscode.TestItem[] {
  return item.children.size === 0 ? [item] : [...item.children].map(([, child]) => child);
}

function report(run: vscode.TestRun, item: vscode.TestItem, verdict: Verdict | undefined): void {
  if (verdict === undefined || verdict.verdict === 'skipped' || verdict.verdict === 'needs-java')
    return run.skipped(item);
  if (verdict.verdict === 'passed') return run.passed(item, verdict.durationMs);
  const { message: text, expected, actual } = verdict;
  const message =
    expected === undefined || actual === undefined
      ? new vscode.TestMessage(text ?? vscode.l10n.t('It failed.'))
      : vscode.TestMessage.diff(text ?? vscode.l10n.t('It failed.'), expected, actual);
  if (verdict.rows !== undefined) message.contextValue = 'ksql.rows';
  const line = verdict.line === undefined ? item.range?.start.line : verdict.line - 1;
  if (line !== undefined) message.location = new vscode.Location(item.uri!, new vscode.Position(line, 0));
  run.failed(item, message, verdict.durationMs);
}
