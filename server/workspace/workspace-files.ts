import {
  type Connection,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type FileEvent,
  type InitializeParams,
  type TextDocuments,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { declaresProject } from '../../language/project/workspace.ts';
import type { ScriptStore } from '../scripts/script-store.ts';
import type { FileSource } from './file-source.ts';
import type { Guard } from './guard.ts';
import { isFunctionFile } from './project-functions.ts';

/** So many files are read at once. */
const AT_ONCE = 32;

/**
 * Keeps the files of the workspace's folders in the store: as they stand in editors, else as they stand on the disk.
 */
export class WorkspaceFiles {
  readonly #connection: Connection;
  readonly #documents: TextDocuments<TextDocument>;
  readonly #store: ScriptStore;
  readonly #source: FileSource;
  readonly #guard: Guard;
  readonly #onChanged: (programs: readonly string[]) => void;
  #folders: readonly string[] = [];
  #canWatch = false;
  #loaded: Promise<void> = Promise.resolve();

  /** @param onChanged hears that files have come, gone or changed, and which of them are programs */
  constructor(
    connection: Connection,
    documents: TextDocuments<TextDocument>,
    store: ScriptStore,
    source: FileSource,
    guard: Guard,
    onChanged: (programs: readonly string[]) => void,
  ) {
    this.#connection = connection;
    this.#documents = documents;
    this.#store = store;
    this.#source = source;
    this.#guard = guard;
    this.#onChanged = onChanged;
  }

  /** Settles when the files that were there are read, or when that takes too long to wait for it. */
  get loaded(): Promise<void> {
    return this.#loaded;
  }

  /** Whether the client can be asked to tell of changed files. */
  get canWatch(): boolean {
    return this.#canWatch;
  }

  initialize({ workspaceFolders, rootUri, capabilities }: InitializeParams): void {
    const folders = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri === null ? [] : [rootUri]);
    this.#folders = folders.map(asFolder);
    this.#canWatch = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true;
  }

  /** Reads the files, and has the client watch them. */
  start(): void {
    this.#loaded = inTime(this.#guard.run('Reading the workspace', () => this.#load(), undefined));
    if (this.#canWatch) {
      const watchers = ['**/*.{ksql,ksqlnb,sql}', '**/ksql.{json,lock.json}'].map((globPattern) => ({ globPattern }));
      this.#connection.client.register(DidChangeWatchedFilesNotification.type, { watchers }).catch(() => undefined);
    }
    this.#connection.onDidChangeWatchedFiles(({ changes }) =>
      this.#guard.run('Reading changed files', () => this.#changed(changes), undefined),
    );
  }

  /** Takes over which folders are open now. */
  setFolders(added: readonly string[], removed: readonly string[]): void {
    const gone = new Set(removed.map(asFolder));
    this.#folders = [...this.#folders.filter((folder) => !gone.has(folder)), ...added.map(asFolder)];
    for (const uri of [...this.#store.workspace.paths])
      if (!this.#folders.some((folder) => uri.startsWith(folder)) && this.#documents.get(uri) === undefined)
        this.#store.workspace.removeFile(uri);
    this.#loaded = inTime(this.#guard.run('Reading the workspace', () => this.#load(), undefined));
  }

  /** A document that is not open any more stands as it does on the disk. */
  async closed(uri: string): Promise<void> {
    await this.#take(uri);
    this.#onChanged([]);
  }

  async #load(): Promise<void> {
    const { workspace } = this.#store;
    workspace.setRoots(this.#folders);
    const found = (await Promise.all(this.#folders.map((folder) => this.#source.list(folder)))).flat();
    // What declares projects comes first: it says which files belong to them.
    for (const files of [found.filter(declaresProject), found.filter((uri) => !declaresProject(uri))])
      for (let at = 0; at < files.length; at += AT_ONCE)
        await Promise.all(files.slice(at, at + AT_ONCE).map((uri) => this.#take(uri)));
    for (const uri of [...workspace.paths])
      if (this.#documents.get(uri) === undefined && !workspace.belongs(uri)) workspace.removeFile(uri);
    this.#onChanged([]);
  }

  async #changed(all: readonly FileEvent[]): Promise<void> {
    const changes = all.filter(({ uri }) => !isFunctionFile(uri));
    for (const { uri, type } of changes) {
      if (type !== FileChangeType.Deleted) await this.#take(uri);
      else if (this.#documents.get(uri) === undefined) this.#store.workspace.removeFile(uri);
    }
    // Which files belong to a project may be others now.
    if (changes.some(({ uri }) => declaresProject(uri)))
      this.#loaded = inTime(this.#guard.run('Reading the workspace', () => this.#load(), undefined));
    else this.#onChanged(all.map(({ uri }) => uri).filter(isFunctionFile));
  }

  /** Takes a file from the disk, unless an editor has it. */
  async #take(uri: string): Promise<void> {
    if (this.#documents.get(uri) !== undefined) return;
    const text = await this.#source.read(uri);
    const { workspace } = this.#store;
    if (this.#documents.get(uri) !== undefined) return;
    if (text !== undefined) workspace.setFile(uri, text);
    if (text === undefined || !(declaresProject(uri) || workspace.belongs(uri))) workspace.removeFile(uri);
  }
}

/** Answers do not wait longer than this for files, in milliseconds. */
const LONGEST_WAIT_MS = 5_000;

async function inTime(work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LONGEST_WAIT_MS);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

const asFolder = (uri: string): string => (uri.endsWith('/') ? uri : `${uri}/`);
