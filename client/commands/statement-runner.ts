import * as vscode from 'vscode';
import type { CardOwner, Rerun } from '../results/card-owner.ts';
import type { Result } from '../results/result.ts';
import { previewQuery, type SessionDefaults } from '../statements/script-statements.ts';
import { cellOf, sessionOf } from '../statements/script-text.ts';
import { sessionDefaults } from '../statements/session-defaults.ts';
import { confirmDestructive } from './confirm-run.ts';
import { requireTrust } from './require-trust.ts';
import { asItStands, type RunRequest, startOf, startProperties } from './run-request.ts';
import { type RunSurroundings, StatementRun } from './statement-run.ts';

/** What a runner and its runs tell others about, and ask them. */
export interface RunnerSurroundings extends RunSurroundings {
  /** Where the results of a document's statements are shown. */
  readonly cardsOf: (document: vscode.Uri, rerun: Rerun) => CardOwner;
  /** Asks the language server what the sessions of a document's project begin with. */
  readonly askSession: (params: { readonly uri: string }) => Promise<SessionDefaults>;
  /** Told of each statement that begins, and where its result is to be. */
  readonly began: (request: RunRequest, result: Result) => void;
}

const NO_SESSION: SessionDefaults = { properties: {}, variables: {} };

/**
 * Runs statements of documents and shows what comes of them: in the results panel, behind the statement, as problems.
 */
export class StatementRunner {
  readonly #around: RunnerSurroundings;
  readonly #requests = new WeakMap<Result, RunRequest>();
  /** The newest run of each statement, by file and text. */
  readonly #newest = new Map<string, StatementRun>();

  /** Runs the statement of a result again, as it stands by then. */
  readonly rerun: Rerun = (result, startAt) => {
    const request = this.#requests.get(result);
    if (request !== undefined) void this.run({ ...asItStands(request), startAt, instead: result });
  };

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
    if (!request.isConfirmed && !(await confirmDestructive(statement.text, connections.connection, connections.name)))
      return false;
    if (statement.form === 'session') {
      marks.ran(document.uri, statement.text, vscode.l10n.t('holds for the statements below'));
      return true;
    }
    running.resultOf(document.uri, statement.text)?.giveWay();
    const uri = cellOf(document.uri)?.notebook.uri ?? document.uri;
    // Without a language server the script alone says what holds.
    const project = await this.#around.askSession({ uri: uri.toString() }).catch(() => NO_SESSION);
    return this.#begin(request, project).run();
  }

  /** Opens a card for a statement, with the settings that hold where it stands. */
  #begin(request: RunRequest, project: SessionDefaults): StatementRun {
    const { document, statement, preview, title } = request;
    const sql = preview ? (previewQuery(statement.text) ?? statement.text) : statement.text;
    const session = sessionOf(document, statement.start, {
      properties: { ...sessionDefaults(), ...project.properties },
      variables: project.variables,
    });
    const properties = Object.fromEntries(session.properties);
    const variables = session.sentVariables();
    const isPush = preview || statement.form === 'push';
    const startAt = isPush ? (request.startAt ?? startOf(properties)) : undefined;
    const cards = this.#around.cardsOf(document.uri, this.rerun);
    const origin = {
      statement: sql,
      engine: this.#around.connections.name,
      title,
      startAt,
      settings: { properties: { ...properties, ...startProperties(request.startAt) }, variables },
    };
    const result = cards.open(origin, { instead: request.instead });
    const again = { ...request, startAt };
    this.#requests.set(result, again);
    this.#around.began(again, result);
    const options = origin.settings;
    const key = keyOf(request);
    const isNewest = (run: StatementRun) => this.#newest.get(key) === run;
    const run = new StatementRun({ request: again, sql, options, result, cards, isNewest }, this.#around);
    this.#newest.set(key, run);
    return run;
  }
}

const keyOf = ({ document, statement }: RunRequest): string => `${document.uri}\n${statement.text}`;
