import * as vscode from 'vscode';
import { count } from '../../engine/api/row-count.ts';
import type { ChartChoice, ChartLook } from '../charts/chart-types.ts';
import type { CardOwner, CardServices } from './card-owner.ts';
import { showLateRecords } from './late-records.ts';
import type { CardAction, ColumnInfo, CopyForm, CopyRequest, FromPage } from './messages.ts';
import { type Result, shortTitle } from './result.ts';
import type { BufferedRow } from './row-buffer.ts';
import { rowCount } from './row-count.ts';
import { toCsv, toInserts, toJsonLines, toTabSeparated } from './rows-as-text.ts';

/** What the buttons of cards do. */
export class CardActions {
  readonly #owner: CardOwner;
  readonly #file: vscode.Uri;
  /** What exported rows are called, and where they go unless the user says otherwise. */
  readonly #name: string;
  readonly #folder: vscode.Uri | undefined;
  readonly #services: CardServices;

  constructor(owner: CardOwner, file: vscode.Uri, services: CardServices) {
    this.#owner = owner;
    this.#services = services;
    this.#file = file;
    this.#name = (file.path.split('/').at(-1) ?? 'KSQL').replace(/\.\w+$/, '');
    this.#folder =
      file.scheme === 'untitled' ? vscode.workspace.workspaceFolders?.[0]?.uri : vscode.Uri.joinPath(file, '..');
  }

  act(result: Result, action: CardAction): void {
    switch (action) {
      case 'pause':
        result.query?.pause();
        result.state = 'paused';
        break;
      case 'resume':
        result.query?.resume();
        result.state = 'running';
        break;
      case 'stop':
        result.query?.stop();
        result.end('stopped');
        break;
      case 'runAgain':
        if (result.readAgain !== undefined) return result.readAgain();
        result.giveWay();
        return this.#owner.rerun(result, result.origin.startAt);
      case 'clear':
        result.clear();
        break;
      case 'pin':
      case 'unpin':
        if (this.#owner.pin !== undefined) return this.#owner.pin(result);
        result.pinned = action === 'pin';
        break;
      case 'close':
        return this.#owner.close(result);
      case 'processingLog':
        return void vscode.commands.executeCommand('ksql.showProcessingLog');
      case 'lateRecords':
        return void this.#showLateRecords(result);
      case 'dashboard':
        return this.#services.pinToDashboard(result);
      case 'makeTest': {
        const { statement, startAt } = result.origin;
        const origin = { uri: this.#file.toString(), statement, fromNow: startAt === 'now' };
        return void vscode.commands.executeCommand('ksql.makeTest', origin);
      }
      case 'offer':
        return result.offer?.act();
      default:
        action satisfies never;
    }
    this.#owner.changed(result);
  }

  /** Takes what was chosen of a chart; with nothing in it, all that was chosen before is taken back. */
  chooseChart(result: Result, choice: ChartChoice): void {
    const isReset = Object.keys(choice).length === 0;
    this.#look(result, { ...result.look, choice: isReset ? {} : { ...result.look.choice, ...choice } });
  }

  /** The result is looked at as a chart, or no longer. */
  showChart(result: Result, isShown: boolean): void {
    this.#look(result, { ...result.look, isShown });
  }

  #look(result: Result, look: ChartLook): void {
    result.look = look;
    this.#services.looks.keep(result.origin.statement, look);
  }

  /** Opens a card of the records that a query dropped because they were late. */
  async #showLateRecords(result: Result): Promise<void> {
    const records = (await result.readLateRecords?.().catch(() => undefined)) ?? [];
    const { statement, engine } = result.origin;
    const shown = this.#owner.open(
      { title: vscode.l10n.t('Late records of {0}', shortTitle(statement)), statement, engine },
      { about: result },
    );
    shown.readAgain = () => {
      this.act(shown, 'close');
      void this.#showLateRecords(result);
    };
    shown.readRecord = result.readRecord;
    showLateRecords(records, shown);
    this.#owner.changed(shown);
  }

  /** Copies the selected rows, and says how many. Those that are in sight make no difference. */
  async copy(result: Result, { shown, selection, form, column }: Omit<CopyRequest, 'result'>): Promise<void> {
    const { rows, count: wanted } = result.selected(shown, selection);
    const columns = column === undefined ? result.columns : result.columns.slice(column, column + 1);
    const cells = column === undefined ? rows : rows.map((row) => ({ ...row, cells: [row.cells[column]] }));
    await vscode.env.clipboard.writeText(textOf(form, columns, cells, sourceOf(result.origin.statement)));
    if (rows.length === wanted) say(vscode.l10n.t('Copied {0}.', rowCount(rows.length)));
    else say(vscode.l10n.t('Copied {0} of {1}: the others are no longer kept.', count(rows.length), rowCount(wanted)));
  }

  async export(result: Result, { form, shown }: Extract<FromPage, { kind: 'export' }>): Promise<void> {
    const [extension, label] = form === 'csv' ? ['csv', 'CSV'] : ['jsonl', vscode.l10n.t('JSON lines')];
    try {
      const rows = result.rowsOf(shown);
      const target = await vscode.window.showSaveDialog({
        filters: { [label]: [extension] },
        title: vscode.l10n.t('Export {0}', rowCount(rows.length)),
        ...(this.#folder === undefined
          ? {}
          : { defaultUri: vscode.Uri.joinPath(this.#folder, `${this.#name}.${extension}`) }),
      });
      if (target === undefined) return;
      const text = form === 'csv' ? toCsv(result.columns, rows) : toJsonLines(result.columns, rows);
      await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
    } catch (error) {
      void vscode.window.showErrorMessage(
        vscode.l10n.t('The rows could not be exported: {0}', (error as Error).message),
      );
    }
  }
}

/** Says that a row that something was to be done with has left the buffer. */
export const sayGone = (): void => say(vscode.l10n.t('That row is no longer kept.'));

/** Says something where it is in nobody's way, for a while. */
function say(message: string): void {
  vscode.window.setStatusBarMessage(message, 5_000);
}

function textOf(form: CopyForm, columns: readonly ColumnInfo[], rows: readonly BufferedRow[], source: string): string {
  switch (form) {
    case 'text':
      return toTabSeparated(rows);
    case 'table':
      return toTabSeparated(rows, columns);
    case 'csv':
      return toCsv(columns, rows);
    case 'json':
      return toJsonLines(columns, rows);
    case 'insert':
      return toInserts(source, columns, rows);
    default:
      return form satisfies never;
  }
}

/** The name after FROM as it is written, for INSERT statements made of rows. */
function sourceOf(statement: string): string {
  return /\bFROM\s+(`[^`]+`|"[^"]+"|\w+)/i.exec(statement)?.[1] ?? 'target';
}
