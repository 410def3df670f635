import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { AnswerView } from '../../engine/api/answer-view.ts';
import { ClientError, type KsqlClient, type RequestOptions } from '../../engine/api/client.ts';
import { presentAnswer } from '../../engine/api/present-answer.ts';
import type { CommandStatusEntity, Entity, LateRecord, RowRecord, TopicRecord } from '../../engine/api/protocol.ts';
import { rowCount } from '../../engine/api/row-count.ts';
import type { AnswerKey } from '../../language/script/answer-key.ts';
import type { AnswerKeyParams } from '../../server/protocol.ts';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';
import type { ServerSession } from '../connections/server-session.ts';
import type { ResultsPanel } from '../results/panel.ts';
import { type QueryEnd, runPrint, runQuery } from '../results/query-run.ts';
import type { Result } from '../results/result.ts';
import type { ResultsPanels } from '../results/results-panels.ts';
import { showAnswer } from '../results/show-answer.ts';
import { scriptDialect } from '../statements/script-dialect.ts';
import { previewQuery, type ScriptStatement, sessionAt } from '../statements/script-statements.ts';
import { requireTrust } from './require-trust.ts';
import type { RunHistory } from './run-history.ts';
import type { RunMarks } from './run-marks.ts';
import { asItStands, type RunRequest, startOf, startProperties } from './run-request.ts';
import type { RunningStatements } from './running-statements.ts';

/** A command on a server of ksqlDB's own is followed until it is executed, asked for this often, in milliseconds. */
const STATUS_INTERVAL_MS = 100;
const STATUS_TIMEOUT_MS = 60_000;
/** ksqlDB's code for a command that a statement was told to wait for, and that the server does not have. */
const SEQUENCE_TIMEOUT = 50301;
/** A connection may break so long before it is known that the server behind it has ended, in milliseconds. */
const END_NOTICE_MS = 2_000;

/** A statement that is under way. */
interface Running {
  readonly request: RunRequest;
  /** What runs: of a preview the query inside. */
  readonly sql: string;
  readonly options: RequestOptions;
  readonly result: Result;
  readonly panel: ResultsPanel;
  /** Counts the runs of all statements: only the newest of a statement speaks for it. */
  readonly number: number;
  /** Undefined until the server was reached. */
  session?: ServerSession;
}

/** What a runner tells others about, and asks them. */
export interface RunnerSurroundings {
  readonly connections: Connections;
  readonly panels: ResultsPanels;
  readonly marks: RunMarks;
  readonly running: RunningStatements;
  readonly history: RunHistory;
  /** Asks the language server which columns of an answer are its key. */
  askKey(params: AnswerKeyParams): Promise<AnswerKey | null>;
  /** Told of a statement that failed on a server, whose card may then get an offer. */
  failed(request: RunRequest, result: Result, panel: ResultsPanel): void;
}

/** Runs statements of documents and shows what comes of them: in the results panel, behind the statement, as problems. */
export class StatementRunner {
  readonly #around: RunnerSurroundings;
  readonly #requests = new WeakMap<Result, RunRequest>();
  /** The newest run of each statement, by file and text. */
  readonly #newest = new Map<string, number>();
  #runs = 0;

  constructor(surroundings: RunnerSurroundings) {
    this.#around = surroundings;
  }

  /**
   * Runs one statement. Resolves with whether it succeeded; for queries that keep running, as soon as they have begun.
   */
  async run(request: RunRequest): Promise<boolean> {
    const { document, statement } = request;
    const { marks, running, connections } = this.#around;
    if (!requireTrust()) return false;
    if (statement.form === 'session') {
      marks.ran(document.uri, statement.text, 'holds for the statements below');
      return true;
    }
    running.resultOf(document.uri, statement.text)?.query?.stop();
    marks.running(document.uri, statement.text);
    const run = this.#begin(request);
    try {
      run.session = await connections.open();
      marks.running(document.uri, statement.text, run.session);
      const form = request.preview ? 'push' : statement.form;
      if (form === 'push' || form === 'pull') return await this.#select(run, run.session);
      if (form === 'print') return this.#print(run, run.session);
      return await this.#execute(run, run.session);
    } catch (error) {
      return this.#fail(run, error);
    }
  }

  /** Opens a card for a statement, with the settings that hold where it stands. */
  #begin(request: RunRequest): Running {
    const { document, statement, preview, title } = request;
    const sql = preview ? (previewQuery(statement.text) ?? statement.text) : statement.text;
    const settings = vscode.workspace.getConfiguration('ksql.engine').get<Record<string, string>>('properties', {});
    const { properties, variables } = sessionAt(document.getText(), statement.start, settings);
    const isPush = preview || statement.form === 'push';
    const startAt = isPush ? (request.startAt ?? startOf(properties)) : undefined;
    const panel = this.#panelOf(document.uri);
    const origin = {
      statement: sql,
      engine: this.#around.connections.name,
      ...(title === undefined ? {} : { title }),
      ...(startAt === undefined ? {} : { startAt }),
    };
    const result = panel.open(origin, request.instead);
    const again = { ...request, startAt };
    this.#requests.set(result, again);
    const options = { properties: { ...properties, ...startProperties(request.startAt) }, variables };
    const number = ++this.#runs;
    this.#newest.set(keyOf(request), number);
    return { request: again, sql, options, result, panel, number };
  }

  /** What speaks for a run's statement; nothing where the statement was run again since. */
  #marksOf({ request, number }: Running): RunMarks | undefined {
    return this.#newest.get(keyOf(request)) === number ? this.#around.marks : undefined;
  }

  #panelOf(uri: vscode.Uri): ResultsPanel {
    return this.#around.panels.of(uri, (result, startAt) => {
      const request = this.#requests.get(result);
      if (request !== undefined) void this.run({ ...asItStands(request), startAt, instead: result });
    });
  }

  /** Resolves once the query has begun, or at once with what went wrong. */
  async #select(run: Running, session: ServerSession): Promise<boolean> {
    const { request, result, panel, options, sql } = run;
    const { document, statement } = request;
    const { connections, running } = this.#around;
    const { client } = session;
    const begun = Promise.withResolvers<boolean>();
    // The sources must be known before rows come in, because they tell streams and tables apart.
    await connections.refresh();
    const ended = runQuery(client, sql, result, {
      ...options,
      records: session.isOurEngine,
      key: await this.#answerKey(sql, options),
      onBegin: (queryId) => {
        if (session.isOurEngine) {
          result.readRecord = (place) => readRecord(client, place);
          result.readLateRecords = async () =>
            ((await client.workbench(`/queries/${queryId}/late`)) ?? []) as readonly LateRecord[];
        }
        panel.changed(result);
        if (statement.form !== 'pull') {
          this.#around.history.add(session, { request, result });
          running.addQuery(document.uri, statement.text, { result, queryId, session });
        }
        begun.resolve(true);
      },
      onRows: () => panel.changed(result),
    });
    ended.then(
      (end) => this.#finish(run, end),
      (error) => begun.resolve(this.#fail(run, error)),
    );
    return statement.form === 'pull' ? ended.then(() => true) : begun.promise;
  }

  /** Found with the settings of the request, whose columns the answer will have; a table without a key is shown as a stream. */
  async #answerKey(sql: string, { properties = {}, variables = {} }: RequestOptions): Promise<AnswerKey | undefined> {
    const { snapshot } = this.#around.connections;
    if (snapshot === undefined) return undefined;
    const found = await this.#around.askKey({ sql, snapshot, dialect: scriptDialect(), properties, variables });
    return found ?? undefined;
  }

  #print(run: Running, session: ServerSession): boolean {
    const { request, result, panel, options, sql } = run;
    this.#around.history.add(session, { request, result });
    void runPrint(session.client, sql, result, { ...options, onRows: () => panel.changed(result) }).then(
      (end) => this.#finish(run, end),
      (error) => this.#fail(run, error),
    );
    panel.changed(result);
    return true;
  }

  async #execute(run: Running, session: ServerSession): Promise<boolean> {
    const { request, result, panel, options } = run;
    const { document, statement } = request;
    const { marks, running, history, connections } = this.#around;
    const answers: Entity[] = [];
    for (const entity of await executeAfterLast(session, run.sql, options))
      answers.push(entity['@type'] === 'currentStatus' ? await executed(session, entity) : entity);
    const failure = answers.find(
      (entity) => entity['@type'] === 'currentStatus' && entity.commandStatus.status === 'ERROR',
    );
    if (failure?.['@type'] === 'currentStatus')
      return this.#fail(run, new StatementFailed(failure.commandStatus.message));
    const last = answers.at(-1);
    const view = viewOf(last, statement.form);
    showAnswer(view, result);
    panel.changed(result);
    // A query that does not read what is there already is the usual reason for an empty table, so it is said at once.
    const isQuery = statement.form === 'create-as' || statement.form === 'insert-select';
    const readsFrom = isQuery && startOf(options.properties ?? {}) === 'now' ? ' · reads from now on' : '';
    const queryId = (last?.['@type'] === 'currentStatus' ? last.commandStatus.queryId : null) ?? undefined;
    history.add(session, { request, result, ...(queryId === undefined ? {} : { queryId }) });
    marks.ran(document.uri, statement.text, view.mark + readsFrom, { session, queryId });
    if (queryId !== undefined) running.addPersistent(document.uri, statement.text, { queryId, session });
    if (statement.form !== 'insert-values') connections.refreshSoon();
    return true;
  }

  #finish(run: Running, end: QueryEnd): void {
    const { request, result, panel, session } = run;
    if (end.kind === 'failed') return void this.#fail(run, new StatementFailed(end.message));
    if (end.kind === 'ended' && session?.end !== undefined) return this.#endedWithServer(run, session);
    const { document, statement } = request;
    const marks = this.#marksOf(run);
    const seconds = (result.elapsedMs / 1000).toFixed(1);
    const figures = `${rowCount(result.buffer.total)} · ${seconds} s`;
    result.end(statement.form === 'pull' ? 'done' : end.kind);
    panel.changed(result);
    this.#around.running.ended();
    if (end.kind === 'stopped') marks?.stopped(document.uri, statement.text, `■ ${figures}`, session);
    else marks?.ran(document.uri, statement.text, figures, { session });
  }

  /** @returns false, as what could not be run */
  #fail(run: Running, error: unknown): false {
    const { session, result, request, panel } = run;
    if (session === undefined) this.#failed(run, messageOf(error), false);
    else if (isBroken(error)) void this.#failOrEnded(run, session, error);
    else {
      this.#failed(run, messageOf(error), true);
      this.#around.failed(request, result, panel);
    }
    return false;
  }

  /** A broken connection says nothing where the server has ended: that is known a moment later. */
  async #failOrEnded(run: Running, session: ServerSession, error: unknown): Promise<void> {
    void this.#around.connections.refresh();
    await Promise.race([session.whenEnded, sleep(END_NOTICE_MS)]);
    if (session.end === undefined) this.#failed(run, messageOf(error), false);
    else this.#endedWithServer(run, session);
  }

  #endedWithServer(run: Running, session: ServerSession): void {
    const { request, result, panel } = run;
    const { document, statement } = request;
    result.lost = true;
    result.end('failed', `It ended with its engine: ${session.end?.reason ?? 'it is gone'}.`);
    result.offer = { label: 'Run Again What Ended', act: () => void vscode.commands.executeCommand('ksql.runLost') };
    panel.changed(result);
    this.#around.running.ended();
    this.#marksOf(run)?.lost(document.uri, statement.text, session);
  }

  /** @param isStatement whether the statement is to blame, not the connection */
  #failed(run: Running, message: string, isStatement: boolean): void {
    const { request, result, panel, session } = run;
    const { document, statement } = request;
    result.end('failed', message);
    panel.changed(result);
    this.#around.running.ended();
    if (isStatement) this.#marksOf(run)?.failed(document.uri, statement.text, message, session);
    else this.#marksOf(run)?.forget(document.uri, statement.text);
  }
}

const keyOf = ({ document, statement }: RunRequest): string => `${document.uri}\n${statement.text}`;

/** The server says that a statement or its query has failed. */
class StatementFailed extends Error {}

/** Whether the connection is at fault, not what was sent over it. */
const isBroken = (error: unknown): boolean =>
  error instanceof ClientError ? error.status === 0 : !(error instanceof StatementFailed);

/**
 * Executes statements once the last command of the session was. A server that was started anew behind its address counts from the
 * beginning: it does not have that command, and need not be waited for.
 */
async function executeAfterLast(
  session: ServerSession,
  sql: string,
  options: RequestOptions,
): Promise<readonly Entity[]> {
  const { client, commandSequenceNumber } = session;
  if (commandSequenceNumber === undefined) return client.execute(sql, options);
  try {
    return await client.execute(sql, { ...options, commandSequenceNumber });
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== SEQUENCE_TIMEOUT) throw error;
    session.commandSequenceNumber = undefined;
    return client.execute(sql, options);
  }
}

/** A command with the status it has once it was executed. */
async function executed(session: ServerSession, entity: CommandStatusEntity): Promise<CommandStatusEntity> {
  session.commandSequenceNumber = entity.commandSequenceNumber;
  let { commandStatus } = entity;
  const until = performance.now() + STATUS_TIMEOUT_MS;
  while (!isFinal(commandStatus.status) && performance.now() < until) {
    await sleep(STATUS_INTERVAL_MS);
    const { queryId } = commandStatus;
    commandStatus = await session.client.commandStatus(entity.commandId);
    commandStatus = { ...commandStatus, queryId: commandStatus.queryId ?? queryId };
  }
  return { ...entity, commandStatus };
}

function viewOf(answer: Entity | undefined, form: ScriptStatement['form']): AnswerView {
  if (answer !== undefined) return presentAnswer(answer);
  if (form === 'insert-values') return { message: '1 row inserted', mark: '1 row inserted' };
  return { message: 'Done', mark: 'done' };
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
