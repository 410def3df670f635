import { type Connection, DidChangeWatchedFilesNotification } from 'vscode-languageserver';
import { declaredFunctions } from '../../language/functions/declared.ts';
import type { ScriptStore } from '../scripts/script-store.ts';
import type { FunctionSource } from './function-source.ts';

/** Whether a file may declare functions. */
export const isFunctionFile = (uri: string): boolean => /\.m?[jt]s$/.test(uri);

/** Keeps the functions in the folders that each `ksql.json` names where the files of its project find them. */
export class ProjectFunctions {
  readonly #connection: Connection;
  readonly #store: ScriptStore;
  readonly #source: FunctionSource;
  readonly #onChanged: () => void;
  /** The folders that were read, by the homes of their projects. */
  readonly #read = new Map<string, readonly string[]>();
  #canWatch = false;
  #isWatching = false;

  /** @param onChanged hears that the functions of a project are others now */
  constructor(connection: Connection, store: ScriptStore, source: FunctionSource, onChanged: () => void) {
    this.#connection = connection;
    this.#store = store;
    this.#source = source;
    this.#onChanged = onChanged;
  }

  /** @param canWatch whether the client tells of changed files when it is asked to */
  start(canWatch: boolean): void {
    this.#canWatch = canWatch;
  }

  /**
   * Reads the folders that a `ksql.json` names now.
   * @param changed files that have changed: folders that were read before are read again if one is in them
   */
  async read(changed: readonly string[] = []): Promise<void> {
    const { workspace } = this.#store;
    const homes = new Map(workspace.configProblems().map(({ root }) => [root, foldersOf(root, this.#store)]));
    for (const home of this.#read.keys()) if (!homes.has(home)) homes.set(home, []);
    for (const [home, folders] of homes) {
      const before = this.#read.get(home) ?? [];
      const isSame = before.join('\n') === folders.join('\n');
      if (isSame && !folders.some((folder) => changed.some((file) => file.startsWith(folder)))) continue;
      this.#read.set(home, folders);
      this.#watch();
      const declared = await Promise.all(folders.map((folder) => this.#source.list(folder)));
      // What is declared in two folders is taken from the first.
      workspace.setFunctions(home, declaredFunctions(declared.toReversed().flat()));
      this.#onChanged();
    }
  }

  /** Files of programs are of no interest until there is a folder with functions. */
  #watch(): void {
    if (!this.#canWatch || this.#isWatching) return;
    this.#isWatching = true;
    const watchers = [{ globPattern: '**/*.{js,mjs,ts,mts}' }];
    this.#connection.client.register(DidChangeWatchedFilesNotification.type, { watchers }).catch(() => undefined);
  }
}

/** The URIs of the folders that the `ksql.json` of a folder names, with `/` at the end. */
const foldersOf = (home: string, { workspace }: ScriptStore): readonly string[] =>
  (workspace.configOf(home).functions ?? []).map((folder) => new URL(`${folder.replace(/\/$/, '')}/`, home).href);
