import type { CardOwner } from '../../client/results/card-owner.ts';
import type { StartAt } from '../../client/results/messages.ts';
import { type QueryEnd, runPrint, runQuery } from '../../client/results/query-run.ts';
import type { Result } from '../../client/results/result.ts';
import { showAnswer } from '../../client/results/show-answer.ts';
import {
  firstWords,
  previewQuery,
  type ScriptStatement,
  sessionAt,
} from '../../client/statements/script-statements.ts';
import type { KsqlClient } from '../../engine/api/client.ts';
import { presentAnswer } from '../../engine/api/present-answer.ts';
import { readSnapshotOf } from '../../engine/api/snapshot/read-snapshot.ts';
import type { LanguageServer } from './language-server.ts';

/** How a statement is run, where it is not as it stands. */
export interface RunChoice {
  readonly startAt?: StartAt | undefined;
  /** Runs the SELECT of CREATE … AS, and creates nothing. */
  readonly isPreview?: boolean;
  readonly isExplain?: boolean;
}

const EARLIEST = { 'auto.offset.reset': 'earliest' };
const STARTS: Readonly<Record<StartAt, Readonly<Record<string, string>>>> = {
  now: { 'auto.offset.reset': 'latest' },
  beginning: EARLIEST,
  end: { ...EARLIEST, 'ksql.workbench.until.end': 'true' },
};

interface Run {
  readonly script: string;
  readonly statement: ScriptStatement;
  readonly choice: RunChoice;
}

/** Runs statements of the script, each with a card for what comes of it. */
export class ScriptRunner {
  readonly #client: KsqlClient;
  readonly #server: LanguageServer;
  readonly #runs = new WeakMap<Result, Run>();
  /** Where the cards are. */
  owner!: CardOwner;

  constructor(client: KsqlClient, server: LanguageServer) {
    this.#client = client;
    this.#server = server;
  }

  /** Runs the statement of a card again. */
  readonly rerun = (result: Result, startAt: StartAt | undefined): void => {
    const run = this.#runs.get(result);
    if (run !== undefined) void this.run(run.script, run.statement, { ...run.choice, startAt });
  };

  /** Resolves with whether it succeeded; for queries that keep running, as soon as they have begun. */
  async run(script: string, statement: ScriptStatement, choice: RunChoice = {}): Promise<boolean> {
    if (statement.form === 'session') return true;
    const session = sessionAt(script, statement.start, { properties: {}, variables: {} });
    const properties = { ...Object.fromEntries(session.properties), ...(choice.startAt && STARTS[choice.startAt]) };
    const isQuery = choice.isPreview || (!choice.isExplain && ['push', 'pull'].includes(statement.form));
    const sql = sqlOf(statement, choice);
    const result = this.owner.open({
      statement: sql,
      engine: 'the engine in this page',
      title: firstWords(sql),
      startAt: isQuery && statement.form !== 'pull' ? (choice.startAt ?? startOf(properties)) : undefined,
    });
    this.#runs.set(result, { script, statement, choice });
    const options = { properties, variables: session.sentVariables(), onRows: () => this.owner.changed(result) };
    try {
      if (isQuery) await this.#query(sql, result, options);
      else if (statement.form === 'print') this.#whenEnded(runPrint(this.#client, sql, result, options), result);
      else await this.#execute(sql, result, options);
      return true;
    } catch (error) {
      this.#fail(result, error);
      return false;
    }
  }

  /** Resolves when it has begun. */
  async #query(sql: string, result: Result, options: Parameters<typeof runPrint>[3]): Promise<void> {
    const snapshot = await readSnapshotOf(this.#client);
    const { properties = {}, variables = {} } = options;
    const key = await this.#server.ask('ksql/answerKey', { sql, snapshot, dialect: 'latest', properties, variables });
    const begun = Promise.withResolvers<void>();
    const onBegin = () => begun.resolve();
    const ended = runQuery(this.#client, sql, result, { ...options, key: key ?? undefined, onBegin });
    ended.catch(begun.reject);
    await begun.promise;
    this.owner.changed(result);
    this.#whenEnded(ended, result);
  }

  async #execute(sql: string, result: Result, options: Parameters<typeof runPrint>[3]): Promise<void> {
    const answer = (await this.#client.execute(sql, options)).at(-1);
    showAnswer(answer === undefined ? { message: 'Done', mark: 'done' } : presentAnswer(answer), result);
    this.owner.changed(result);
    this.#server.tell('ksql/connected', { engine: 'this page', snapshot: await readSnapshotOf(this.#client) });
  }

  #whenEnded(ended: Promise<QueryEnd>, result: Result): void {
    ended.then(
      (end) => {
        if (end.kind === 'failed') return this.#fail(result, new Error(end.message));
        result.end(end.kind);
        this.owner.changed(result);
      },
      (error) => this.#fail(result, error),
    );
  }

  #fail(result: Result, error: unknown): void {
    result.end('failed', (error as Error).message);
    this.owner.changed(result);
  }
}

function sqlOf({ text }: ScriptStatement, { isPreview, isExplain }: RunChoice): string {
  if (isExplain) return `EXPLAIN ${text}`;
  return isPreview ? (previewQuery(text) ?? text) : text;
}

const startOf = (properties: Readonly<Record<string, unknown>>): StartAt =>
  properties['auto.offset.reset'] === 'earliest' ? 'beginning' : 'now';
