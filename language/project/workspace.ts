import type { FunctionDefinition } from '../functions/function.ts';
import type { Metastore } from '../metastore/metastore.ts';
import { readSnapshot } from '../metastore/metastore-snapshot.ts';
import type { Dialect } from '../parser/parse-options.ts';
import type { AnalysisSettings } from '../query/statement-context.ts';
import { Project, type ProjectSurroundings } from './project.ts';
import {
  isProjectFile,
  PROJECT_CONFIG,
  type ProjectConfig,
  type ReadConfig,
  readProjectConfig,
} from './project-config.ts';
import { type ReadLock, readLock } from './read-lock.ts';
import { SCHEMA_LOCK, snapshotOf } from './schema-lock.ts';

/** What all files of a workspace are read with. A `ksql.json` goes before its defaults. */
export interface WorkspaceSettings {
  readonly metastore: Metastore;
  /** No server is connected. */
  readonly offline?: boolean;
  readonly dialect: Dialect;
  readonly properties: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, string>;
  /** What the analysis of a statement of a file threw; absent, it passes through. */
  readonly onStatementDefect?: ((path: string, error: unknown) => void) | undefined;
}

/** A project with its root: a folder's path with `/` at the end. What belongs to no folder is a project by itself. */
export interface RootedProject {
  readonly root: string;
  /** The folder of its `ksql.json` and its `ksql.lock.json`, whether it has any. */
  readonly home: string;
  readonly project: Project;
  readonly config: ProjectConfig;
}

/** The `ksql.lock.json` of a project. */
export interface ProjectLock extends ReadLock {
  /** What its cluster had; absent where the text is no lock. */
  readonly metastore?: Metastore;
}

/**
 * All files that are known, in their projects: a file belongs to the nearest folder above that has a `ksql.json` or a
 * `ksql.lock.json`, else to the root that it lies in. Paths have `/` between their parts; they may be URIs.
 */
export class Workspace {
  #settings: WorkspaceSettings;
  #roots: readonly string[];
  readonly #texts = new Map<string, string>();
  readonly #configs = new Map<string, ReadConfig>();
  readonly #locks = new Map<string, ProjectLock>();
  /** What the folders of functions that a `ksql.json` names declare, by the root of the project. */
  readonly #functions = new Map<string, ReadonlyMap<string, FunctionDefinition>>();
  readonly #merged = new Map<string, MergedFunctions>();
  readonly #projects = new Map<string, RootedProject>();

  /** @param roots paths of the folders whose files belong together, with `/` at the end */
  constructor(settings: WorkspaceSettings, roots: readonly string[] = []) {
    this.#settings = settings;
    this.#roots = roots;
  }

  get settings(): WorkspaceSettings {
    return this.#settings;
  }

  setSettings(settings: WorkspaceSettings): void {
    this.#settings = settings;
    for (const rooted of this.#projects.values()) this.#surround(rooted);
  }

  /** Takes over which functions the files of a project can call besides those of the settings. */
  setFunctions(home: string, functions: ReadonlyMap<string, FunctionDefinition>): void {
    this.#functions.set(home, functions);
    this.#surroundAll(home);
  }

  setRoots(roots: readonly string[]): void {
    this.#roots = roots;
    this.#regroup();
  }

  /**
   * Adds a file, or takes over its new text; a `ksql.json` declares a project, and a `ksql.lock.json` stands for its
   * cluster.
   */
  setFile(path: string, text: string): void {
    if (nameOf(path) === PROJECT_CONFIG) {
      this.#configs.set(folderOf(path), readProjectConfig(text));
      return this.#regroup();
    }
    if (nameOf(path) === SCHEMA_LOCK) return this.#setLock(folderOf(path), text);
    if (this.#texts.get(path) === text) return;
    const before = this.#texts.has(path) ? this.projectOf(path) : undefined;
    this.#texts.set(path, text);
    const after = this.projectOf(path);
    if (before !== after) before?.project.removeFile(path);
    after.project.setFile(path, text);
  }

  removeFile(path: string): void {
    if (declaresProject(path)) {
      const declared = nameOf(path) === PROJECT_CONFIG ? this.#configs : this.#locks;
      if (declared.delete(folderOf(path))) this.#regroup();
      return;
    }
    if (!this.#texts.has(path)) return;
    this.projectOf(path).project.removeFile(path);
    this.#texts.delete(path);
    this.#projects.delete(path);
  }

  /** Whether a project that somebody declared, or a root, counts the file to its own. */
  belongs(path: string): boolean {
    const root = this.#rootOf(path);
    if (root === undefined) return false;
    return isProjectFile(relativePath(path, root), this.#texts.get(path) ?? '', this.#configs.get(root)?.config ?? {});
  }

  get paths(): IterableIterator<string> {
    return this.#texts.keys();
  }

  has(path: string): boolean {
    return this.#texts.has(path);
  }

  get projects(): IterableIterator<RootedProject> {
    return this.#projects.values();
  }

  /** What is wrong with each `ksql.json`, by its folder. */
  configProblems(): readonly (Pick<ReadConfig, 'text' | 'problems'> & { readonly root: string })[] {
    return Array.from(this.#configs, ([root, { text, problems }]) => ({ root, text, problems }));
  }

  /** What the `ksql.json` of a folder says; nothing where there is none. */
  configOf(home: string): ProjectConfig {
    return this.#configs.get(home)?.config ?? {};
  }

  /** The locks that there are, by their folders. */
  get locks(): ReadonlyMap<string, ProjectLock> {
    return this.#locks;
  }

  /** The project of a file. One that is not among the files of its project stands by itself. */
  projectOf(path: string): RootedProject {
    const root = this.belongs(path) ? this.#rootOf(path)! : path;
    const known = this.#projects.get(root);
    if (known !== undefined) return known;
    const home = this.#rootOf(path) ?? '';
    const config = this.configOf(home);
    const made = { root, home, project: new Project(this.#surroundings(home, config)), config };
    this.#projects.set(root, made);
    return made;
  }

  #rootOf(path: string): string | undefined {
    for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder.slice(0, -1)))
      if (this.#configs.has(folder) || this.#locks.has(folder)) return folder;
    return this.#roots.find((root) => path.startsWith(root));
  }

  #setLock(home: string, text: string): void {
    const isNew = !this.#locks.has(home);
    const read = readLock(text);
    const { lock } = read;
    this.#locks.set(home, lock === undefined ? read : { ...read, metastore: readSnapshot(snapshotOf(lock)) });
    if (isNew) this.#regroup();
    else this.#surroundAll(home);
  }

  #surroundAll(home: string): void {
    for (const rooted of this.#projects.values()) if (rooted.home === home) this.#surround(rooted);
  }

  #surround({ home, project, config }: RootedProject): void {
    project.setSurroundings(this.#surroundings(home, config));
  }

  #regroup(): void {
    this.#projects.clear();
    for (const [path, text] of this.#texts) this.projectOf(path).project.setFile(path, text);
  }

  #surroundings(home: string, config: ProjectConfig): ProjectSurroundings {
    const { metastore, offline = false, dialect, properties, variables, onStatementDefect } = this.#settings;
    const lock = offline ? this.#locks.get(home)?.metastore : undefined;
    // Topics may come to be by statements above, such as connectors, or by other programs: none is known to be missing.
    const { topics: _, ...known } = lock ?? metastore;
    const settings: AnalysisSettings = {
      dialect: config.dialect ?? dialect,
      properties: new Map([...Object.entries(config.properties ?? {}), ...properties]),
      variables: new Map([...Object.entries(config.variables ?? {}), ...variables]),
      offline: offline && lock === undefined,
      queriesUnknown: lock !== undefined,
    };
    return {
      metastore: { ...known, functions: this.#callable(home, lock) },
      settings,
      order: (config.order ?? []).map((path) => home + path),
      isDeclared: this.#configs.has(home),
      rules: new Map(Object.entries(config.rules ?? {})),
      onDefect: onStatementDefect,
    };
  }

  /**
   * The functions besides the built-in ones that a project's files can call: those of the user before those of a
   * cluster. As long as there are the same ones the map stays the same, too.
   */
  #callable(home: string, lock: Metastore | undefined): Metastore['functions'] {
    const parts = [lock?.functions, this.#settings.metastore.functions, this.#functions.get(home)];
    const filled = parts.filter((part) => part !== undefined && part.size > 0);
    if (filled.length < 2) return filled[0] ?? this.#settings.metastore.functions;
    const before = this.#merged.get(home);
    if (before !== undefined && parts.every((part, i) => part === before.parts[i])) return before.functions;
    const functions = new Map(filled.flatMap((part) => [...part!]));
    this.#merged.set(home, { parts, functions });
    return functions;
  }
}

/** Functions of several origins as one, with what they were put together from. */
interface MergedFunctions {
  readonly parts: readonly Metastore['functions'][];
  readonly functions: NonNullable<Metastore['functions']>;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether a file makes its folder the root of a project, and is not one of its scripts. */
export const declaresProject = (path: string): boolean =>
  nameOf(path) === PROJECT_CONFIG || nameOf(path) === SCHEMA_LOCK;

/** The folder of a path, with `/` at the end; empty at the top. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/** A path as it is seen from a root. */
export const relativePath = (path: string, root: string): string =>
  path.startsWith(root) ? path.slice(root.length) : path;
