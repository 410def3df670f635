import type { Connection, TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { diagnose } from '../features/diagnostics.ts';
import type { Script, ScriptStore } from '../scripts/script-store.ts';
import type { Guard } from './guard.ts';
import { projectProblems } from './project-problems.ts';

/** Typing settles for this long before a script is checked, in milliseconds. */
const CHECK_DELAY_MS = 80;
/**
 * Files that are not open are checked for so long at a time, in milliseconds, so that requests are answered in between.
 */
const SLICE_MS = 15;

/**
 * Tells the client what is wrong: with open documents soon after they change, with the other files of the workspace
 * when there is time.
 */
export class Checker {
  readonly #connection: Connection;
  readonly #documents: TextDocuments<TextDocument>;
  readonly #store: ScriptStore;
  readonly #guard: Guard;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** What was said of files last. Nothing is said again. */
  readonly #told = new Map<string, Script['diagnostics']>();
  readonly #toldProjects = new Set<string>();
  #queue: string[] = [];
  #sweeping: ReturnType<typeof setTimeout> | undefined;
  #versions = '';
  /** Where there is more to read about a code; absent for clients that show no links. */
  pageOf: ((code: string) => string) | undefined;
  /**
   * The client asks for the problems of open documents itself: it is told when others than the one that is typed in
   * change.
   */
  pulls = false;

  constructor(connection: Connection, documents: TextDocuments<TextDocument>, store: ScriptStore, guard: Guard) {
    this.#connection = connection;
    this.#documents = documents;
    this.#store = store;
    this.#guard = guard;
  }

  /** Checks a document once typing settles, and what it may have changed in others. */
  checkSoon(uri: string): void {
    clearTimeout(this.#timers.get(uri));
    this.#timers.set(
      uri,
      setTimeout(() => this.#guard.run('Checking', () => this.#checkOpen(uri), undefined), CHECK_DELAY_MS),
    );
  }

  /** Checks everything again that what has changed may matter to. */
  checkAll(): void {
    for (const { uri } of this.#documents.all()) this.checkSoon(uri);
    this.#tellProjects();
    this.#sweep();
  }

  /** Says no more of a document that was closed, unless it is one of the workspace's files. */
  closed(uri: string): void {
    clearTimeout(this.#timers.get(uri));
    this.#timers.delete(uri);
    if (this.#store.workspace.has(uri)) return;
    this.#told.delete(uri);
    void this.#connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  #checkOpen(uri: string): void {
    this.#timers.delete(uri);
    const document = this.#documents.get(uri);
    if (document === undefined) return;
    this.#tell(this.#store.get(document), document.version);
    const versions = [...this.#store.workspace.projects].map(({ project }) => project.version).join(' ');
    if (versions === this.#versions) return;
    this.#versions = versions;
    this.#sweep();
  }

  /** Looks, bit by bit, at all files of which something else would be said now. */
  #sweep(): void {
    const { workspace } = this.#store;
    const gone = [...this.#told.keys()].filter((uri) => !workspace.has(uri) && this.#documents.get(uri) === undefined);
    for (const uri of gone) this.closed(uri);
    if (this.pulls) this.#connection.sendRequest('workspace/diagnostic/refresh').catch(() => undefined);
    this.#queue = [...workspace.paths];
    clearTimeout(this.#sweeping);
    this.#sweeping = setTimeout(() => this.#guard.run('Checking', () => this.#checkSome(), undefined));
  }

  #checkSome(): void {
    const end = performance.now() + SLICE_MS;
    while (this.#queue.length > 0 && performance.now() < end) this.#checkFile(this.#queue.pop()!);
    if (this.#queue.length === 0) return;
    this.#sweeping = setTimeout(() => this.#guard.run('Checking', () => this.#checkSome(), undefined));
  }

  #checkFile(uri: string): void {
    const { workspace } = this.#store;
    if (!workspace.has(uri) || this.#timers.has(uri)) return;
    if (this.#told.has(uri) && workspace.projectOf(uri).project.isCurrent(uri)) return;
    const document = this.#documents.get(uri);
    const script = document === undefined ? this.#store.find(uri) : this.#store.get(document);
    if (script === undefined) return;
    this.#tell(script, document?.version);
  }

  #tell(script: Script, version: number | undefined): void {
    const { uri } = script.document;
    const before = this.#told.get(uri);
    if (before === script.diagnostics && version === undefined) return;
    this.#told.set(uri, script.diagnostics);
    if (this.pulls && this.#documents.get(uri) !== undefined) {
      // What was said of the file before it was opened would stand beside what the client asks for.
      if (before !== undefined) void this.#connection.sendDiagnostics({ uri, diagnostics: [] });
      return;
    }
    const diagnostics = diagnose(script, this.pageOf);
    // Most files of a workspace have no problem, and never had one.
    if (version === undefined && diagnostics.length === 0 && before === undefined) return;
    void this.#connection.sendDiagnostics({ uri, ...(version === undefined ? {} : { version }), diagnostics });
  }

  #tellProjects(): void {
    const problems = projectProblems(this.#store, this.pageOf);
    for (const uri of this.#toldProjects)
      if (!problems.has(uri)) void this.#connection.sendDiagnostics({ uri, diagnostics: [] });
    this.#toldProjects.clear();
    for (const [uri, diagnostics] of problems) {
      this.#toldProjects.add(uri);
      void this.#connection.sendDiagnostics({ uri, diagnostics });
    }
  }
}
