import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { AnswerView } from '../../engine/api/answer-view.ts';
import { ClientError, type KsqlClient, type RequestOptions } from '../../engine/api/client.ts';
import { presentAnswer } from '../../engine/api/present-answer.ts';
import type { Entity, LateRecord, RowRecord, TopicRecord } from '../../engine/api/protocol.ts';
import type { AnswerKey } from '../../language/script/answer-key.ts';
import type { AnswerKeyParams } from '../../server/protocol.ts';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';
import type { ServerSession } from '../connections/server-session.ts';
import type { CardOwner } from '../results/card-owner.ts';
import { type QueryEnd, runPrint, runQuery } from '../results/query-run.ts';
import type { Result } from '../results/result.ts';
import { rowCount } from '../results/row-count.ts';
import { showAnswer } from '../results/show-answer.ts';
import { scriptDialect } from '../statements/script-dialect.ts';
import type { ScriptStatement } from '../statements/script-statements.ts';
import { executeStatements } from './execute-statements.ts';
import type { RunHistory } from './run-history.ts';
import type { RunMarks } from './run-marks.ts';
import { type RunRequest, startOf } from './run-request.ts';
import type { RunningStatements } from './running-statements.ts';

/** A connection may break so long before it is known that the server behind it has ended, in milliseconds. */
const END_NOTICE_MS = 2_000;

/** What a run tells others about, and asks them. */
export interface RunSurroundings {
  readonly connections: Connections;
  readonly marks: RunMarks;
  readonly running: RunningStatements;
  readonly history: RunHistory;
  /** Asks the language server which columns of an answer are its key. */
  askKey(params: AnswerKeyParams): Promise<AnswerKey | null>;
  /** Told of a statement that failed on a server, whose card may then get an offer. */
  failed(request: RunRequest, result: Result, cards: CardOwner): void;
}

/** A statement with what it runs as. */
export interface RunParts {
  readonly request: RunRequest;
  /** What runs: of a preview the query inside. */
  readonly sql: string;
  readonly options: RequestOptions;
  readonly result: Result;
  readonly cards: CardOwner;
  /** Whether the statement was not run again since: only its newest run speaks for it. */
  readonly isNewest: (run: StatementRun) => boolean;
}

/** One run of a statement, from the server that it asks to the last that is said of it. */
export class StatementRun {
  readonly #parts: RunParts;
  readonly #around: RunSurroundings;
  /** Undefined until the server was reached. */
  #session: ServerSession | undefined;

  constructor(parts: RunParts, surroundings: RunSurroundings) {
    this.#parts = parts;
    this.#around = surroundings;
  }

  /** Resolves with whether it succeeded; for queries that keep running, as soon as they have begun. */
  async run(): Promise<boolean> {
    const { document, statement, preview } = this.#request;
    const { marks, connections } = this.#around;
    marks.running(document.uri, statement.text);
    try {
      const session = await connections.open();
      this.#session = session;
      marks.running(document.uri, statement.text, session);
      const form = preview ? 'push' : statement.form;
      if (form === 'push' || form === 'pull') return await this.#select(session);
      if (form === 'print') return this.#print(session);
      return await this.#execute(session);
    } catch (error) {
      return this.#fail(error);
    }
  }

  get #request(): RunRequest {
    return this.#parts.request;
  }

  /** What speaks for the statement; nothing where it was run again since. */
  get #marks(): RunMarks | undefined {
    return this.#parts.isNewest(this) ? this.#around.marks : undefined;
  }

  /** Resolves once the query has begun, or at once with what went wrong. */
  async #select(session: ServerSession): Promise<boolean> {
    const { result, cards, options, sql } = this.#parts;
    const { document, statement } = this.#request;
    const { connections, running, history } = this.#around;
    const { client } = session;
    const begun = Promise.withResolvers<boolean>();
    // The sources must be known before rows come in, because they tell streams and tables apart.
    await connections.refresh();
    const ended = runQuery(client, sql, result, {
      ...options,
      records: session.isOurEngine,
      key: await this.#answerKey(),
      onBegin: (queryId) => {
        if (session.isOurEngine) {
          result.readRecord = (place) => readRecord(client, place);
          result.readLateRecords = async () =>
            ((await client.workbench(`/queries/${queryId}/late`)) ?? []) as readonly LateRecord[];
        }
        cards.changed(result);
        if (statement.form !== 'pull') {
          history.add(session, { request: this.#request, result });
          running.addQuery(document.uri, statement.text, { result, queryId, session });
        }
        begun.resolve(true);
      },
      onRows: () => cards.changed(result),
    });
    ended.then(
      (end) => this.#finish(end),
      (error) => begun.resolve(this.#fail(error)),
    );
    return statement.form === 'pull' ? ended.then(() => true) : begun.promise;
  }

  /**
   * Found with the settings of the request, whose columns the answer will have; a table without a key is shown as a
   * stream.
   */
  async #answerKey(): Promise<AnswerKey | undefined> {
    const { sql, options } = this.#parts;
    const { properties = {}, variables = {} } = options;
    const { snapshot } = this.#around.connections;
    if (snapshot === undefined) return undefined;
    const found = await this.#around.askKey({ sql, snapshot, dialect: scriptDialect(), properties, variables });
    return found ?? undefined;
  }

  #print(session: ServerSession): boolean {
    const { result, cards, options, sql } = this.#parts;
    this.#around.history.add(session, { request: this.#request, result });
    void runPrint(session.client, sql, result, { ...options, onRows: () => cards.changed(result) }).then(
      (end) => this.#finish(end),
      (error) => this.#fail(error),
    );
    cards.changed(result);
    return true;
  }

  async #execute(session: ServerSession): Promise<boolean> {
    const { sql, result, cards, options } = this.#parts;
    const request = this.#request;
    const { document, statement } = request;
    const { marks, running, history, connections } = this.#around;
    const answers = await executeStatements(session, sql, options);
    const failure = answers.find(
      (entity) => entity['@type'] === 'currentStatus' && entity.commandStatus.status === 'ERROR',
    );
    if (failure?.['@type'] === 'currentStatus') return this.#fail(new StatementFailed(failure.commandStatus.message));
    const last = answers.at(-1);
    const view = viewOf(last, statement.form);
    showAnswer(view, result);
    cards.changed(result);
    // A query that does not read what is there already is the usual reason for an empty table, so it is said at once.
    const isQuery = statement.form === 'create-as' || statement.form === 'insert-select';
    const readsNew = isQuery && startOf(options.properties ?? {}) === 'now';
    const took = [view.mark, ...timing(result)].join(' · ');
    const mark = readsNew ? vscode.l10n.t('{0} · reads from now on', took) : took;
    const queryId = (last?.['@type'] === 'currentStatus' ? last.commandStatus.queryId : null) ?? undefined;
    history.add(session, { request, result, queryId });
    marks.ran(document.uri, statement.text, mark, { session, queryId });
    if (queryId !== undefined) running.addPersistent(document.uri, statement.text, { queryId, session });
    if (statement.form !== 'insert-values') connections.refreshSoon();
    return true;
  }

  #finish(end: QueryEnd): void {
    const { result, cards } = this.#parts;
    const session = this.#session;
    if (end.kind === 'failed') return void this.#fail(new StatementFailed(end.message));
    if (end.kind === 'ended' && session?.end !== undefined) return this.#endedWithServer(session);
    const { document, statement } = this.#request;
    const marks = this.#marks;
    const figures = [rowCount(result.buffer.total), ...timing(result)].join(' · ');
    result.end(statement.form === 'pull' ? 'done' : end.kind);
    cards.changed(result);
    this.#around.running.ended();
    if (end.kind === 'stopped') marks?.stopped(document.uri, statement.text, `■ ${figures}`, session);
    else marks?.ran(document.uri, statement.text, figures, { session });
  }

  /** @returns false, as what could not be run */
  #fail(error: unknown): false {
    const { result, cards } = this.#parts;
    if (this.#session === undefined) this.#failed(messageOf(error), false);
    else if (isBroken(error)) void this.#failOrEnded(this.#session, error);
    else {
      this.#failed(messageOf(error), true);
      this.#around.failed(this.#request, result, cards);
    }
    return false;
  }

  /** A broken connection says nothing where the server has ended: that is known a moment later. */
  async #failOrEnded(session: ServerSession, error: unknown): Promise<void> {
    void this.#around.connections.refresh();
    await Promise.race([session.whenEnded, sleep(END_NOTICE_MS)]);
    if (session.end === undefined) this.#failed(messageOf(error), false);
    else this.#endedWithServer(session);
  }

  #endedWithServer(session: ServerSession): void {
    const { result, cards } = this.#parts;
    const { document, statement } = this.#request;
    result.lost = true;
    const { kind, reason } = session.end ?? { kind: 'crashed', reason: vscode.l10n.t('it is gone') };
    // Where somebody wanted the engine to end, nothing has failed.
    result.end(kind === 'stopped' ? 'stopped' : 'failed', vscode.l10n.t('It ended with its engine: {0}.', reason));
    result.offer = {
      label: vscode.l10n.t('Run Again What Ended'),
      act: () => void vscode.commands.executeCommand('ksql.runLost'),
    };
    cards.changed(result);
    this.#around.running.ended();
    this.#marks?.lost(document.uri, statement.text, session);
  }

  /** @param isStatement whether the statement is to blame, not the connection */
  #failed(message: string, isStatement: boolean): void {
    const { result, cards } = this.#parts;
    const { document, statement } = this.#request;
    result.end('failed', message);
    cards.changed(result);
    this.#around.running.ended();
    if (isStatement) this.#marks?.failed(document.uri, statement.text, message, this.#session);
    else this.#marks?.forget(document.uri, statement.text);
  }
}

/** How long a statement took, and where it gave rows the time until the first of them. */
function timing({ elapsedMs, firstRowMs, query }: Result): readonly string[] {
  const elapsed = seconds(elapsedMs);
  return firstRowMs === undefined || query === undefined
    ? [elapsed]
    : [elapsed, vscode.l10n.t('first row {0}', seconds(firstRowMs))];
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** The server says that a statement or its query has failed. */
class StatementFailed extends Error {}

/** Whether the connection is at fault, not what was sent over it. */
const isBroken = (error: unknown): boolean =>
  error instanceof ClientError ? error.status === 0 : !(error instanceof StatementFailed);

function viewOf(answer: Entity | undefined, form: ScriptStatement['form']): AnswerView {
  if (answer !== undefined) return presentAnswer(answer);
  if (form === 'insert-values')
    return { message: vscode.l10n.t('1 row inserted'), mark: vscode.l10n.t('1 row inserted') };
  return { message: vscode.l10n.t('Done'), mark: vscode.l10n.t('done') };
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
