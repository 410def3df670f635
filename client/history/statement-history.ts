import * as vscode from 'vscode';
import type { Result } from '../results/result.ts';
import { type HistoryEntry, historyEntry } from './history-entry.ts';

const FILE = 'history.json';
const REFRESH_MS = 1000;
/** Changes are written once it has been quiet this long, in milliseconds. */
const WRITE_DELAY_MS = 1000;

/** A statement that was begun in this window. */
interface Followed {
  readonly id: string;
  readonly uri: string;
  readonly result: Result;
}

/**
 * The statements that were run in a workspace, newest first, with the first rows of what they gave. At most as many as
 * the settings say are kept, in a file in the workspace's storage.
 */
export class StatementHistory implements vscode.Disposable {
  readonly #folder: vscode.Uri | undefined;
  readonly #changed = new vscode.EventEmitter<void>();
  /** There are others, or one has come further. */
  readonly onDidChange = this.#changed.event;
  /** What has ended, newest first. */
  #ended: readonly HistoryEntry[] = [];
  /** What is still at work, newest first. */
  #open: readonly Followed[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: NodeJS.Timeout | undefined;
  /** Resolves once what earlier windows kept was read. */
  readonly loaded: Promise<void>;

  /** @param folder where the file stands; without one nothing outlives the window */
  constructor(folder: vscode.Uri | undefined) {
    this.#folder = folder;
    this.loaded = this.#load();
  }

  /** Newest first. */
  get entries(): readonly HistoryEntry[] {
    const open = this.#open.map(({ id, uri, result }) => historyEntry(result, { id, uri }, headRows()));
    return [...open, ...this.#ended].toSorted((a, b) => b.beganAtMs - a.beganAtMs);
  }

  find(id: string): HistoryEntry | undefined {
    return this.entries.find((each) => each.id === id);
  }

  /** Follows a statement until it has ended. */
  began(uri: vscode.Uri, result: Result): void {
    if (limit() === 0) return;
    const followed = { id: crypto.randomUUID(), uri: uri.toString(), result };
    this.#open = [followed, ...this.#open];
    void result.whenEnded.then(() => this.#end(followed));
    this.#timer ??= setInterval(() => this.#tick(), REFRESH_MS);
    this.#changed.fire();
  }

  remove(ids: ReadonlySet<string>): void {
    this.#open = this.#open.filter(({ id }) => !ids.has(id));
    this.#ended = this.#ended.filter(({ id }) => !ids.has(id));
    this.#update();
  }

  clear(): void {
    this.#open = [];
    this.#ended = [];
    this.#update();
  }

  dispose(): void {
    clearInterval(this.#timer);
    if (this.#writing !== undefined) void this.#write();
    this.#changed.dispose();
  }

  #end(followed: Followed): void {
    if (!this.#open.includes(followed)) return;
    this.#open = this.#open.filter((each) => each !== followed);
    this.#ended = [historyEntry(followed.result, followed, headRows()), ...this.#ended].slice(0, limit());
    this.#update();
  }

  #tick(): void {
    if (this.#open.length > 0) return this.#changed.fire();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #update(): void {
    clearTimeout(this.#writing);
    this.#writing = setTimeout(() => void this.#write(), WRITE_DELAY_MS);
    this.#changed.fire();
  }

  get #file(): vscode.Uri | undefined {
    return this.#folder && vscode.Uri.joinPath(this.#folder, FILE);
  }

  async #load(): Promise<void> {
    if (this.#file === undefined) return;
    try {
      const kept = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(this.#file)));
      this.#ended = [...this.#ended, ...(kept as readonly HistoryEntry[])].slice(0, limit());
      this.#changed.fire();
    } catch {
      // There is none yet, or it is damaged: then there is nothing to show of earlier windows.
    }
  }

  /** Also what still runs is written, as it would be if the window closed. */
  async #write(): Promise<void> {
    this.#writing = undefined;
    if (this.#file === undefined || this.#folder === undefined) return;
    const entries = this.entries.slice(0, limit()).map(asClosed);
    await vscode.workspace.fs.createDirectory(this.#folder);
    await vscode.workspace.fs.writeFile(this.#file, new TextEncoder().encode(JSON.stringify(entries)));
  }
}

const asClosed = (entry: HistoryEntry): HistoryEntry =>
  ['starting', 'running', 'paused'].includes(entry.state) ? { ...entry, state: 'stopped' } : entry;

const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('ksql.history');
/** How many statements are kept. */
const limit = (): number => settings().get('statements', 200);
/** How many first rows are kept of each. */
const headRows = (): number => settings().get('rows', 20);
