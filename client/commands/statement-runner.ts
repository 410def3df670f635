import * as vscode from 'vscode';
import type { KsqlClient, RequestOptions } from '../../engine/rest/client.ts';
import type {
  CommandStatusEntity,
  Entity,
  LateRecord,
  Properties,
  RowRecord,
  TopicRecord,
} from '../../engine/rest/protocol.ts';
import type { AnswerKey } from '../../language/analysis/answer-key.ts';
import { type Connections, messageOf } from '../connections/connections.ts';
import { type AnswerKeyParams, scriptDialect } from '../language-client.ts';
import { type EntityView, entityView } from '../results/entity-view.ts';
import type { StartAt } from '../results/messages.ts';
import type { ResultsPanel } from '../results/panel.ts';
import { type QueryEnd, runPrint, runQuery } from '../results/query-run.ts';
import type { Result } from '../results/result.ts';
import type { ResultsPanels } from '../results/results-panels.ts';
import { rowCount } from '../results/row-count.ts';
import { previewQuery, type ScriptStatement, sessionAt } from '../statements/script-statements.ts';
import type { RunMarks } from './run-marks.ts';
import type { RunningStatements } from './running-statements.ts';

/** A command on a server of ksqlDB's own is followed until it is executed, asked for this often, in milliseconds. */
const STATUS_INTERVAL_MS = 100;
const STATUS_TIMEOUT_MS = 60_000;

/** How a statement is to be run. */
export interface RunRequest {
  readonly document: vscode.TextDocument;
  readonly statement: ScriptStatement;
  /** Overrides where the script says a query begins. */
  readonly startAt?: StartAt | undefined;
  /** Runs the SELECT of CREATE … AS or INSERT … SELECT, and creates nothing. */
  readonly preview?: boolean;
  /** What the card is called instead of by the statement's first words. */
  readonly title?: string;
}

/** Runs statements of documents and shows what comes of them: in the results panel, behind the statement, as problems. */
export class StatementRunner {
  readonly #connections: Connections;
  readonly #panels: ResultsPanels;
  readonly #marks: RunMarks;
  readonly #running: RunningStatements;
  readonly #askServer: (params: AnswerKeyParams) => Promise<AnswerKey | null>;
  readonly #requests = new WeakMap<Result, RunRequest>();
  /** Statements that follow a command wait until it was executed. */
  #commandSequenceNumber: number | undefined;

  /** @param askServer asks the language server which columns of an answer are its key */
  constructor(
    connections: Connections,
    panels: ResultsPanels,
    marks: RunMarks,
    running: RunningStatements,
    askServer: (params: AnswerKeyParams) => Promise<AnswerKey | null>,
  ) {
    this.#askServer = askServer;
    this.#connections = connections;
    this.#panels = panels;
    this.#marks = marks;
    this.#running = running;
  }

  /**
   * Runs one statement. Resolves with whether it succeeded; for queries that keep running, as soon as they have begun.
   */
  async run(request: RunRequest): Promise<boolean> {
    const { document, statement, preview } = request;
    const { uri } = document;
    if (statement.form === 'session') {
      this.#marks.ran(uri, statement.text, 'holds for the statements below');
      return true;
    }
    this.#running.resultOf(uri, statement.text)?.query?.stop();
    this.#marks.running(uri, statement.text);
    const sql = preview ? (previewQuery(statement.text) ?? statement.text) : statement.text;
    const form = preview ? 'push' : statement.form;
    const settings = vscode.workspace.getConfiguration('ksql.engine').get<Record<string, string>>('properties', {});
    const session = sessionAt(document.getText(), statement.start, settings);
    const startAt = form === 'push' ? (request.startAt ?? startOf(session.properties)) : undefined;
    const panel = this.#panelOf(uri);
    const result = panel.open({
      statement: preview ? sql : statement.text,
      engine: this.#connections.name,
      ...(request.title === undefined ? {} : { title: request.title }),
      ...(startAt === undefined ? {} : { startAt }),
    });
    const again = { ...request, startAt };
    this.#requests.set(result, again);
    const options: RequestOptions = {
      properties: { ...session.properties, ...startProperties(request.startAt) },
      variables: session.variables,
    };
    try {
      const client = await this.#connections.client();
      if (form === 'push' || form === 'pull') return await this.#select(client, sql, result, panel, again, options);
      if (form === 'print') return this.#print(client, sql, result, panel, again, options);
      return await this.#execute(client, sql, result, panel, again, options);
    } catch (error) {
      this.#fail(result, panel, again, messageOf(error));
      return false;
    }
  }

  #panelOf(uri: vscode.Uri): ResultsPanel {
    return this.#panels.of(uri, (result, startAt) => {
      const request = this.#requests.get(result);
      if (request !== undefined) void this.run({ ...request, startAt });
    });
  }

  /** Resolves once the query has begun, or at once with what went wrong. */
  async #select(
    client: KsqlClient,
    sql: string,
    result: Result,
    panel: ResultsPanel,
    request: RunRequest,
    options: RequestOptions,
  ): Promise<boolean> {
    const { document, statement } = request;
    const begun = Promise.withResolvers<boolean>();
    // The sources must be known before rows come in, because they tell streams and tables apart.
    await this.#connections.refresh();
    const isOurEngine = this.#connections.connection.kind !== 'ksqldb';
    const ended = runQuery(client, sql, result, {
      ...options,
      records: isOurEngine,
      key: await this.#answerKey(sql, options),
      onBegin: (queryId) => {
        if (isOurEngine) {
          result.readRecord = (place) => readRecord(client, place);
          result.readLateRecords = async () =>
            ((await client.workbench(`/queries/${queryId}/late`)) ?? []) as readonly LateRecord[];
        }
        panel.changed(result);
        if (statement.form !== 'pull') this.#running.addQuery(document.uri, statement.text, result, queryId);
        begun.resolve(true);
      },
      onRows: () => panel.changed(result),
    });
    ended.then(
      (end) => this.#finish(result, panel, request, end),
      (error) => {
        this.#fail(result, panel, request, messageOf(error));
        begun.resolve(false);
      },
    );
    return statement.form === 'pull' ? ended.then(() => true) : begun.promise;
  }

  /** Found with the settings of the request, whose columns the answer will have; a table without a key is shown as a stream. */
  async #answerKey(sql: string, { properties = {}, variables = {} }: RequestOptions): Promise<AnswerKey | undefined> {
    const { snapshot } = this.#connections;
    if (snapshot === undefined) return undefined;
    const found = await this.#askServer({ sql, snapshot, dialect: scriptDialect(), properties, variables });
    return found ?? undefined;
  }

  #print(
    client: KsqlClient,
    sql: string,
    result: Result,
    panel: ResultsPanel,
    request: RunRequest,
    options: RequestOptions,
  ): boolean {
    void runPrint(client, sql, result, { ...options, onRows: () => panel.changed(result) }).then(
      (end) => this.#finish(result, panel, request, end),
      (error) => this.#fail(result, panel, request, messageOf(error)),
    );
    panel.changed(result);
    return true;
  }

  async #execute(
    client: KsqlClient,
    sql: string,
    result: Result,
    panel: ResultsPanel,
    request: RunRequest,
    options: RequestOptions,
  ): Promise<boolean> {
    const { document, statement } = request;
    const sequence = this.#commandSequenceNumber;
    const entities = await client.execute(sql, {
      ...options,
      ...(sequence === undefined ? {} : { commandSequenceNumber: sequence }),
    });
    const answers: Entity[] = [];
    for (const entity of entities)
      answers.push(entity['@type'] === 'currentStatus' ? await this.#executed(client, entity) : entity);
    const failure = answers.find(
      (entity) => entity['@type'] === 'currentStatus' && entity.commandStatus.status === 'ERROR',
    );
    if (failure?.['@type'] === 'currentStatus') {
      this.#fail(result, panel, request, failure.commandStatus.message);
      return false;
    }
    const last = answers.at(-1);
    const view: EntityView =
      last === undefined
        ? {
            message: statement.form === 'insert-values' ? '1 row inserted' : 'Done',
            mark: statement.form === 'insert-values' ? '1 row inserted' : 'done',
          }
        : entityView(last);
    showView(view, result);
    panel.changed(result);
    // A query that does not read what is there already is the usual reason for an empty table, so it is said at once.
    const isQuery = statement.form === 'create-as' || statement.form === 'insert-select';
    const readsFrom = isQuery && startOf(options.properties ?? {}) === 'now' ? ' · reads from now on' : '';
    this.#marks.ran(document.uri, statement.text, view.mark + readsFrom);
    const queryId = last?.['@type'] === 'currentStatus' ? last.commandStatus.queryId : null;
    if (queryId) this.#running.addPersistent(document.uri, statement.text, queryId);
    if (statement.form !== 'insert-values') this.#connections.refreshSoon();
    return true;
  }

  /** A command with the status it has once it was executed. */
  async #executed(client: KsqlClient, entity: CommandStatusEntity): Promise<CommandStatusEntity> {
    this.#commandSequenceNumber = entity.commandSequenceNumber;
    let { commandStatus } = entity;
    const until = performance.now() + STATUS_TIMEOUT_MS;
    while (!isFinal(commandStatus.status) && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, STATUS_INTERVAL_MS));
      const { queryId } = commandStatus;
      commandStatus = await client.commandStatus(entity.commandId);
      commandStatus = { ...commandStatus, queryId: commandStatus.queryId ?? queryId };
    }
    return { ...entity, commandStatus };
  }

  #finish(result: Result, panel: ResultsPanel, { document, statement }: RunRequest, end: QueryEnd): void {
    if (end.kind === 'failed') return this.#fail(result, panel, { document, statement }, end.message);
    const seconds = (result.elapsedMs / 1000).toFixed(1);
    const figures = `${rowCount(result.buffer.total)} · ${seconds} s`;
    result.end(statement.form === 'pull' ? 'done' : end.kind);
    panel.changed(result);
    this.#running.ended();
    if (end.kind === 'stopped') this.#marks.stopped(document.uri, statement.text, `■ ${figures}`);
    else this.#marks.ran(document.uri, statement.text, figures);
  }

  #fail(result: Result, panel: ResultsPanel, { document, statement }: RunRequest, message: string): void {
    result.end('failed', message);
    panel.changed(result);
    this.#running.ended();
    this.#marks.failed(document.uri, statement.text, message);
  }
}

/** What a record holds; nothing where its topic no longer has it. */
async function readRecord(
  client: KsqlClient,
  { topic, partition, offset }: RowRecord,
): Promise<TopicRecord | undefined> {
  const path = `/topics/${encodeURIComponent(topic)}/records?partition=${partition}&offset=${offset}`;
  const found = (await client.workbench(path)) as readonly TopicRecord[] | undefined;
  return found?.[0];
}

const isFinal = (status: string): boolean => status === 'SUCCESS' || status === 'ERROR' || status === 'TERMINATED';

function showView({ message, columns, rows }: EntityView, result: Result): void {
  if (columns !== undefined && rows !== undefined) {
    result.begin(columns, false);
    for (const row of rows) result.add(row);
  }
  result.end('done', message);
}

/** Where a query begins to read by the settings above it. */
function startOf(properties: Properties): StartAt {
  const reset = properties['auto.offset.reset'] ?? properties['ksql.streams.auto.offset.reset'];
  if (properties['ksql.workbench.until.end'] === 'true') return 'end';
  return String(reset).toLowerCase() === 'earliest' ? 'beginning' : 'now';
}

function startProperties(startAt: StartAt | undefined): Record<string, string> {
  switch (startAt) {
    case undefined:
      return {};
    case 'now':
      return { 'auto.offset.reset': 'latest' };
    case 'beginning':
      return { 'auto.offset.reset': 'earliest' };
    case 'end':
      return { 'auto.offset.reset': 'earliest', 'ksql.workbench.until.end': 'true' };
    default:
      return startAt satisfies never;
  }
}
