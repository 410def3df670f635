import * as vscode from 'vscode';
import { connectionName } from '../connections/connection.ts';
import type { Connections, EndedSession } from '../connections/connections.ts';
import type { ServerSession } from '../connections/server-session.ts';
import type { Ran, RunHistory } from './run-history.ts';
import { asItStands } from './run-request.ts';
import type { StatementRunner } from './statement-runner.ts';

/** What ran on engines that are gone, and the one click that runs it again. */
export class LostRuns implements vscode.Disposable {
  readonly #connections: Connections;
  readonly #history: RunHistory;
  readonly #runner: StatementRunner;
  readonly #changed = new vscode.EventEmitter<void>();
  /** There is more or less to run again. */
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: readonly vscode.Disposable[];
  /** Sessions that have ended since what ran on them was last run again, in order. */
  #gone: readonly ServerSession[] = [];

  constructor(connections: Connections, history: RunHistory, runner: StatementRunner) {
    this.#connections = connections;
    this.#history = history;
    this.#runner = runner;
    this.#subscriptions = [
      connections.onDidEnd((ended) => this.#ended(ended)),
      connections.onDidBegin(() => this.#changed.fire()),
    ];
  }

  /**
   * Starts the engine if it does not run, and runs on it again, in order, what ran before and is not there any more.
   */
  async runAgain(): Promise<void> {
    const session = await this.#connections.open();
    await this.#connections.refresh();
    const lost = this.#lostOn(session);
    this.#gone = this.#gone.filter((gone) => !isSameConnection(gone, session));
    this.#changed.fire();
    for (const { request, result } of lost)
      if (!(await this.#runner.run({ ...asItStands(request), instead: result }))) return;
    vscode.window.setStatusBarMessage(
      lost.length === 0
        ? vscode.l10n.t('All that ran is still there.')
        : lost.length === 1
          ? vscode.l10n.t('1 statement was run again.')
          : vscode.l10n.t('{0} statements were run again.', lost.length),
      5_000,
    );
  }

  /** The lens above a script of which something ended with its engine. */
  lenses(document: vscode.TextDocument): readonly vscode.CodeLens[] {
    const isOwn = ({ request }: Ran) => request.document.uri.toString() === document.uri.toString();
    const { session } = this.#connections;
    const lost = session === undefined ? this.#allGone() : this.#lostOn(session);
    if (!lost.some(isOwn)) return [];
    const title = vscode.l10n.t('↻ Run again what ended with its engine');
    return [new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), { title, command: 'ksql.runLost' })];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  #ended({ session, end }: EndedSession): void {
    this.#gone = [...this.#gone, session];
    this.#changed.fire();
    if (end.kind === 'crashed') void this.#tellCrash(session, end.reason);
  }

  #lostOn(session: ServerSession): readonly Ran[] {
    const { snapshot } = session;
    if (snapshot === undefined) return [];
    return this.#gone
      .filter((gone) => isSameConnection(gone, session))
      .flatMap((gone) => this.#history.lost(gone, session, snapshot));
  }

  #allGone(): readonly Ran[] {
    return this.#gone
      .filter(({ connection }) => connectionName(connection) === this.#connections.name)
      .flatMap((gone) => this.#history.of(gone));
  }

  async #tellCrash({ connection, keeping, engine }: ServerSession, reason: string): Promise<void> {
    const name = connectionName(connection);
    const [again, log] = [vscode.l10n.t('Start and Run Again What Ended'), vscode.l10n.t('Show the Log')];
    const kept =
      keeping.kind === 'kept'
        ? vscode.l10n.t('Its topics, definitions and persistent queries are there again when it starts.')
        : vscode.l10n.t('What it had in memory is gone.');
    const ended =
      connection.kind === 'embedded'
        ? vscode.l10n.t('The embedded engine has ended: {0}.', reason)
        : vscode.l10n.t('The engine of {0} has ended: {1}.', name, reason);
    const message =
      engine === undefined ? vscode.l10n.t('{0} cannot be reached any more: {1}.', name, reason) : `${ended} ${kept}`;
    const choice = await vscode.window.showErrorMessage(message, again, log);
    if (choice === again) await vscode.commands.executeCommand('ksql.runLost');
    if (choice === log) await vscode.commands.executeCommand('ksql.showEngineLog');
  }
}

const isSameConnection = (a: ServerSession, b: ServerSession): boolean =>
  connectionName(a.connection) === connectionName(b.connection);
