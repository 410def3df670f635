import * as vscode from 'vscode';
import type { QueryStatistics } from '../../engine/api/protocol.ts';
import { count } from '../../engine/api/row-count.ts';
import { connectionName } from '../connections/connection.ts';
import type { Connections } from '../connections/connections.ts';
import type { ServerSession } from '../connections/server-session.ts';
import type { Result } from '../results/result.ts';
import { rowCount } from '../results/row-count.ts';
import { firstWords, scriptStatements } from '../statements/script-statements.ts';
import { scriptTextOf } from '../statements/script-text.ts';

const REFRESH_MS = 1000;

/** A query that is at work because of a statement. */
export interface RunningQuery {
  readonly queryId: string;
  readonly session: ServerSession;
  /** Where its rows are shown; absent for persistent ones. */
  readonly result?: Result;
}

/** A statement of a document that is at work on an engine. */
interface RunningStatement extends RunningQuery {
  readonly uri: string;
  readonly text: string;
}

/**
 * Which statements of which documents run, with live figures once a second while any does. Statements are told by their
 * text, so that an edit elsewhere in the file does not lose them, and an edit in them does.
 */
export class RunningStatements implements vscode.Disposable {
  readonly #connections: Connections;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Something began, ended, or has new figures. */
  readonly onDidChange = this.#changed.event;
  #statements: RunningStatement[] = [];
  #statistics = new Map<ServerSession, readonly QueryStatistics[]>();
  /** When they were told. */
  #askedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #subscription: vscode.Disposable;

  constructor(connections: Connections) {
    this.#connections = connections;
    this.#subscription = connections.onDidBegin((session) => this.#sessionBegan(session));
  }

  /** A query whose rows are shown has begun. */
  addQuery(uri: vscode.Uri, text: string, query: RunningQuery): void {
    this.#statements = this.#statements.filter((each) => !(each.uri === uri.toString() && each.text === text));
    this.#statements.push({ uri: uri.toString(), text, ...query });
    this.#start();
  }

  /** A persistent query runs because of a statement. */
  addPersistent(uri: vscode.Uri, text: string, query: RunningQuery): void {
    const { session, queryId } = query;
    this.#statements = this.#statements.filter((each) => each.queryId !== queryId || each.session !== session);
    this.#statements.push({ uri: uri.toString(), text, ...query });
    this.#start();
  }

  /** A query whose rows are shown has ended. */
  ended(): void {
    this.#changed.fire();
  }

  /** The result of a statement that is being shown and still runs. */
  resultOf(uri: vscode.Uri, text: string): Result | undefined {
    return this.#statements.find((each) => each.uri === uri.toString() && each.text === text && each.result?.isOpen)
      ?.result;
  }

  /** Figures of the queries that write or read a source, for its hover. */
  figuresOf(source: string): string | undefined {
    const queries = this.#connections.snapshot?.queries.filter(({ sink }) => sink === source) ?? [];
    const { session } = this.#connections;
    const statistics = (session && this.#statistics.get(session)) ?? [];
    const figures = statistics.filter(({ queryId }) => queries.some(({ id }) => id === queryId));
    if (figures.length === 0) return undefined;
    const rate = figures.reduce((sum, { rowsOutPerSecond }) => sum + rowsOutPerSecond, 0);
    const rows = figures.reduce((sum, { rowsOut }) => sum + rowsOut, 0);
    const lag = figures.reduce((sum, each) => sum + each.lag, 0);
    const ageS = Math.round((Date.now() - this.#askedAtMs) / 1000);
    const age = ageS < 2 ? vscode.l10n.t('now') : vscode.l10n.t('{0} s ago', ageS);
    return vscode.l10n.t('{0} rows/s · {1} · lag {2} · {3}', short(rate), shortRows(rows), short(lag), age);
  }

  /** In the lenses of a document, statements that run show what they do, and how to stop them. */
  replaceLenses(document: vscode.TextDocument, lenses: vscode.CodeLens[]): vscode.CodeLens[] {
    const own = this.#statements.filter(({ uri }) => uri === document.uri.toString());
    if (own.length === 0) return lenses;
    const places = scriptStatements(scriptTextOf(document)).flatMap(({ text, start }) => {
      const running = own.find((each) => each.text === text && this.#isAlive(each));
      return running === undefined ? [] : [{ running, position: document.positionAt(start) }];
    });
    const isRunning = ({ range, command }: vscode.CodeLens) =>
      command?.command !== 'ksql.runFile' && places.some(({ position }) => position.isEqual(range.start));
    const live = places.map(({ running, position }) => this.#liveLens(document, running, position));
    return [...lenses.filter((lens) => !isRunning(lens)), ...live.flat()];
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  /**
   * Persistent queries of other connections are not shown: what the file is about runs on the chosen one. A query whose
   * engine has ended is over, though its connection may break a moment later.
   */
  #isAlive({ result, queryId, session }: RunningStatement): boolean {
    if (session.end !== undefined) return false;
    if (result !== undefined) return result.isOpen;
    if (session !== this.#connections.session) return false;
    return session.snapshot?.queries.some(({ id }) => id === queryId) ?? false;
  }

  /** Persistent queries that an engine has again after it was started anew. */
  #sessionBegan(session: ServerSession): void {
    const isAgain = (each: RunningStatement) =>
      each.result === undefined &&
      each.session.end !== undefined &&
      connectionName(each.session.connection) === connectionName(session.connection) &&
      session.snapshot?.queries.some(({ id }) => id === each.queryId);
    this.#statements = this.#statements.map((each) => (isAgain(each) ? { ...each, session } : each));
    this.#start();
  }

  #figuresOf({ session, queryId }: RunningQuery): QueryStatistics | undefined {
    return this.#statistics.get(session)?.find((each) => each.queryId === queryId);
  }

  #liveLens(document: vscode.TextDocument, running: RunningStatement, position: vscode.Position): vscode.CodeLens[] {
    const range = new vscode.Range(position, position);
    const figures = this.#figuresOf(running);
    const reference = { uri: document.uri.toString(), position };
    const texts =
      figures === undefined
        ? []
        : [
            vscode.l10n.t('{0} rows/s', short(figures.rowsOutPerSecond)),
            shortRows(figures.rowsOut),
            vscode.l10n.t('lag {0}', short(figures.lag)),
          ];
    const state = figures === undefined || figures.state === 'RUNNING' ? [] : [figures.state.toLowerCase()];
    if (running.result !== undefined) {
      const title = [vscode.l10n.t('■ Stop'), ...state, ...texts].join(' · ');
      return [new vscode.CodeLens(range, { title, command: 'ksql.stop', arguments: [reference] })];
    }
    const title = [`● ${running.queryId}`, ...state, ...texts].join(' · ');
    return [
      new vscode.CodeLens(range, {
        title,
        command: 'ksql.explain',
        arguments: [reference],
        tooltip: firstWords(running.text),
      }),
    ];
  }

  #start(): void {
    this.#changed.fire();
    this.#timer ??= setInterval(() => void this.#refresh(), REFRESH_MS);
  }

  async #refresh(): Promise<void> {
    const sessions = [...new Set(this.#statements.map(({ session }) => session))].filter(
      ({ end }) => end === undefined,
    );
    const asked = sessions.map(
      async (session) => [session, (await session.client.statistics().catch(() => undefined)) ?? []] as const,
    );
    this.#statistics = new Map(await Promise.all(asked));
    this.#askedAtMs = Date.now();
    for (const statement of this.#statements) {
      const figures = this.#figuresOf(statement);
      if (statement.result === undefined || figures === undefined) continue;
      statement.result.late = figures.lateRecords;
      statement.result.unreadable = figures.badRecords;
    }
    this.#statements = this.#statements.filter((each) => each.result === undefined || each.result.isOpen);
    if (sessions.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.#changed.fire();
  }
}

/** A count with a unit once it is long: `1,204`, `2.1 M`. */
function short(value: number): string {
  const rounded = Math.round(value);
  return rounded < 1_000_000 ? count(rounded) : `${(rounded / 1_000_000).toFixed(1)} M`;
}

const shortRows = (rows: number): string =>
  rows < 1_000_000 ? rowCount(rows) : vscode.l10n.t('{0} rows', short(rows));
