import * as vscode from 'vscode';
import type { KsqlClient } from '../../engine/api/client.ts';
import { produceRecords, topicRecordForm } from '../../engine/api/topics/topics-client.ts';
import type { ProduceAnswer, ProducedRecord, TopicRecordForm } from '../../engine/api/topics/topics-protocol.ts';
import { requireTrust } from '../commands/require-trust.ts';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';
import { insertInto } from './insert-statements.ts';
import { nodeTopic } from './node-topic.ts';
import { pickTopic } from './pick-topic.ts';
import { RecordFileError, readRecords } from './record-files.ts';

/** Documents of records name their schema by this, which VS Code's JSON support asks for. */
const SCHEMA_SCHEME = 'ksql-records';
/** So many records go in one request. */
const CHUNK_RECORDS = 1000;

/** A document of records as its JSON says it. */
interface RecordDocument {
  readonly topic: string;
  readonly records: readonly ProducedRecord[];
}

/**
 * Writing records into topics: JSON documents with the completion of the topic's columns, and a lens that writes what
 * stands there. What could not be written is a problem at its record.
 */
export class ProduceDocuments implements vscode.Disposable {
  readonly #connections: Connections;
  readonly #problems = vscode.languages.createDiagnosticCollection('ksql-records');
  /** Forms of topics by the address of their schemas. */
  readonly #forms = new Map<string, TopicRecordForm>();
  readonly #schemaChanged = new vscode.EventEmitter<vscode.Uri>();
  readonly #disposables: vscode.Disposable;

  constructor(connections: Connections) {
    this.#connections = connections;
    const lenses: vscode.CodeLensProvider = { provideCodeLenses: (document) => lensesOf(document) };
    this.#disposables = vscode.Disposable.from(
      this.#problems,
      this.#schemaChanged,
      vscode.workspace.registerTextDocumentContentProvider(SCHEMA_SCHEME, {
        onDidChange: this.#schemaChanged.event,
        provideTextDocumentContent: (uri) => this.#schemaText(uri),
      }),
      vscode.languages.registerCodeLensProvider([{ language: 'json' }, { language: 'jsonc' }], lenses),
      vscode.commands.registerCommand('ksql.topics.produce', (node?: unknown, record?: ProducedRecord) =>
        this.#guarded(() => this.#begin(node, record)),
      ),
      vscode.commands.registerCommand('ksql.topics.produceFile', (node) => this.#guarded(() => this.#fromFile(node))),
      vscode.commands.registerCommand('ksql.topics.writeRecords', (uri?: vscode.Uri) =>
        this.#guarded(() => this.#write(uri)),
      ),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#problems.delete(uri)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#problems.delete(document.uri)),
    );
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async #guarded(action: () => Promise<void>): Promise<void> {
    if (!requireTrust()) return;
    try {
      await action();
    } catch (error) {
      void vscode.window.showErrorMessage(messageOf(error));
    }
  }

  /** Opens a document with one record: this one, or one to fill in. */
  async #begin(node: unknown, record: ProducedRecord | undefined): Promise<void> {
    const client = await this.#connections.client();
    const topic = nodeTopic(node) ?? (await pickTopic(client));
    if (topic === undefined) return;
    const form = await topicRecordForm(client, topic);
    if (form === undefined) return insertInto(topic, this.#connections);
    const uri = schemaUri(topic);
    this.#forms.set(uri.toString(), form);
    this.#schemaChanged.fire(uri);
    const content = { $schema: uri.toString(), topic, records: [record ?? form.example] };
    const document = await vscode.workspace.openTextDocument({
      language: 'json',
      content: `${JSON.stringify(content, exactNumbers, 2)}\n`,
    });
    await vscode.window.showTextDocument(document);
  }

  /** The schema of a document: a topic with a list of its records. */
  async #schemaText(uri: vscode.Uri): Promise<string> {
    const topic = decodeURIComponent(uri.path.replace(/^\/|\.json$/g, ''));
    const form =
      this.#forms.get(uri.toString()) ??
      (await topicRecordForm(await this.#connections.client(), topic).catch(() => undefined));
    return JSON.stringify({
      type: 'object',
      required: ['topic', 'records'],
      properties: {
        $schema: { type: 'string' },
        topic: { type: 'string', description: vscode.l10n.t('The topic that the records go to.') },
        records: {
          type: 'array',
          items: { ...form?.schema, defaultSnippets: [{ label: vscode.l10n.t('Record'), body: form?.example ?? {} }] },
        },
      },
    });
  }

  /** Writes the records of a document: its own, or that of the active editor. */
  async #write(uri: vscode.Uri | undefined): Promise<void> {
    const open = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri?.toString());
    const document = open ?? vscode.window.activeTextEditor?.document;
    const records = document && recordDocument(document.getText());
    if (document === undefined || records === undefined) {
      void vscode.window.showWarningMessage(
        document !== undefined && isRecordText(document.getText())
          ? vscode.l10n.t('The records are not valid JSON; the Problems view says where.')
          : vscode.l10n.t('This is no document of records. Run “KSQL: Produce Records…” to begin one.'),
      );
      return;
    }
    const client = await this.#connections.client();
    const { written, problems } = await writeChunks(client, records.topic, records.records);
    const places = await recordRanges(document);
    this.#problems.set(
      document.uri,
      problems.map(({ record, message }) => problemAt(places[record] ?? new vscode.Range(0, 0, 0, 1), message)),
    );
    say(records.topic, written, problems.length);
  }

  /** Writes the records of a file. What is wrong with it, or with records, is a problem at their lines. */
  async #fromFile(node: unknown): Promise<void> {
    const client = await this.#connections.client();
    const topic = nodeTopic(node) ?? (await pickTopic(client));
    if (topic === undefined) return;
    const form = await topicRecordForm(client, topic);
    if (form === undefined) return insertInto(topic, this.#connections);
    const [file] =
      (await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Records for {0}', topic),
        filters: { [vscode.l10n.t('JSON lines, CSV')]: ['jsonl', 'ndjson', 'json', 'csv'] },
      })) ?? [];
    if (file === undefined) return;
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
    const diagnostics: vscode.Diagnostic[] = [];
    let written = 0;
    try {
      const { records, lines } = readRecords(text, file.path.endsWith('.csv') ? 'csv' : 'json', form);
      const answer = await writeChunks(client, topic, records);
      written = answer.written;
      for (const { record, message } of answer.problems) diagnostics.push(lineProblem(lines[record]!, message));
    } catch (error) {
      if (!(error instanceof RecordFileError)) throw error;
      diagnostics.push(lineProblem(error.line, error.message));
    }
    if (diagnostics.length > 0) await vscode.window.showTextDocument(file, { preview: true });
    this.#problems.set(file, diagnostics);
    say(topic, written, diagnostics.length);
  }
}

/** Whole numbers that JSON's readers would round are texts, which columns of numbers take. */
const exactNumbers = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

const schemaUri = (topic: string): vscode.Uri =>
  vscode.Uri.from({ scheme: SCHEMA_SCHEME, path: `/${encodeURIComponent(topic)}.json` });

/** What a text says as a document of records; undefined where it is none. */
function recordDocument(text: string): RecordDocument | undefined {
  try {
    const { topic, records } = JSON.parse(text) as Partial<RecordDocument>;
    return typeof topic === 'string' && Array.isArray(records) ? { topic, records } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text is to be a document of records, also while it is none yet. */
const isRecordText = (text: string): boolean => text.includes(`"$schema": "${SCHEMA_SCHEME}:`);

/** Over the line that names the topic. */
function lensesOf(document: vscode.TextDocument): vscode.CodeLens[] {
  const text = document.getText();
  if (!isRecordText(text)) return [];
  const at = text.indexOf('"topic"');
  if (at < 0) return [];
  const range = document.lineAt(document.positionAt(at)).range;
  const lens = {
    title: vscode.l10n.t('$(send) Produce'),
    command: 'ksql.topics.writeRecords',
    arguments: [document.uri],
  };
  return [new vscode.CodeLens(range, lens)];
}

/** Where the records of a document stand, as VS Code's JSON support tells. */
async function recordRanges(document: vscode.TextDocument): Promise<readonly vscode.Range[]> {
  const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    document.uri,
  );
  const records = symbols?.find(({ name }) => name === 'records')?.children ?? [];
  return records.map(({ range }) => document.lineAt(range.start).range.with({ start: range.start }));
}

function problemAt(range: vscode.Range, message: string): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Error);
  diagnostic.source = 'ksql';
  return diagnostic;
}

/** @param line counted from 0 */
const lineProblem = (line: number, message: string): vscode.Diagnostic =>
  problemAt(new vscode.Range(line, 0, line, Number.MAX_SAFE_INTEGER), message);

/** Writes records, some at a time. */
async function writeChunks(
  client: KsqlClient,
  topic: string,
  records: readonly ProducedRecord[],
): Promise<ProduceAnswer> {
  let written = 0;
  const problems: { readonly record: number; readonly message: string }[] = [];
  for (let start = 0; start < records.length; start += CHUNK_RECORDS) {
    const answer = await produceRecords(client, topic, records.slice(start, start + CHUNK_RECORDS));
    written += answer.written;
    for (const { record, message } of answer.problems) problems.push({ record: start + record, message });
  }
  return { written, problems };
}

function say(topic: string, written: number, refused: number): void {
  const count = written.toLocaleString('en-US');
  const done =
    written === 1
      ? vscode.l10n.t('1 record written to {0}.', topic)
      : vscode.l10n.t('{0} records written to {1}.', count, topic);
  if (refused === 0) vscode.window.setStatusBarMessage(done, 5000);
  else
    void vscode.window.showWarningMessage(
      refused === 1
        ? vscode.l10n.t('{0} 1 was refused; the Problems view says why.', done)
        : vscode.l10n.t('{0} {1} were refused; the Problems view says why.', done, refused.toLocaleString('en-US')),
    );
}
