import type { Metastore } from '../metastore/metastore.ts';
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
  readonly project: Project;
  readonly config: ProjectConfig;
}

/**
 * All files that are known, in their projects: a file belongs to the nearest folder above that has a `ksql.json`, else
 * to the root that it lies in. Paths have `/` between their parts; they may be URIs.
 */
export class Workspace {
  #settings: WorkspaceSettings;
  #roots: readonly string[];
  readonly #texts = new Map<string, string>();
  readonly #configs = new Map<string, ReadConfig>();
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
    for (const { root, project, config } of this.#projects.values())
      project.setSurroundings(this.#surroundings(root, config));
  }

  setRoots(roots: readonly string[]): void {
    this.#roots = roots;
    this.#regroup();
  }

  /** Adds a file, or takes over its new text; a `ksql.json` declares a project. */
  setFile(path: string, text: string): void {
    if (isConfig(path)) {
      const read = readProjectConfig(text);
      this.#configs.set(folderOf(path), read);
      this.#regroup();
      return;
    }
    if (this.#texts.get(path) === text) return;
    const before = this.#texts.has(path) ? this.projectOf(path) : undefined;
    this.#texts.set(path, text);
    const after = this.projectOf(path);
    if (before !== after) before?.project.removeFile(path);
    after.project.setFile(path, text);
  }

  removeFile(path: string): void {
    if (isConfig(path)) {
      if (this.#configs.delete(folderOf(path))) this.#regroup();
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

  /** The project of a file. One that is not among the files of its project stands by itself. */
  projectOf(path: string): RootedProject {
    const root = this.belongs(path) ? this.#rootOf(path)! : path;
    const known = this.#projects.get(root);
    if (known !== undefined) return known;
    const config = this.#configs.get(this.#rootOf(path) ?? '')?.config ?? {};
    const made = { root, project: new Project(this.#surroundings(root, config)), config };
    this.#projects.set(root, made);
    return made;
  }

  #rootOf(path: string): string | undefined {
    for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder.slice(0, -1)))
      if (this.#configs.has(folder)) return folder;
    return this.#roots.find((root) => path.startsWith(root));
  }

  #regroup(): void {
    this.#projects.clear();
    for (const [path, text] of this.#texts) this.projectOf(path).project.setFile(path, text);
  }

  #surroundings(root: string, config: ProjectConfig): ProjectSurroundings {
    const { metastore, offline = false, dialect, properties, variables, onStatementDefect } = this.#settings;
    const settings: AnalysisSettings = {
      dialect: config.dialect ?? dialect,
      properties: new Map([...Object.entries(config.properties ?? {}), ...properties]),
      variables: new Map([...Object.entries(config.variables ?? {}), ...variables]),
      offline,
    };
    return {
      metastore,
      settings,
      order: (config.order ?? []).map((path) => root + path),
      isDeclared: this.#configs.has(root),
      rules: new Map(Object.entries(config.rules ?? {})),
      onDefect: onStatementDefect,
    };
  }
}

const isConfig = (path: string): boolean => path.endsWith(`/${PROJECT_CONFIG}`) || path === PROJECT_CONFIG;

/** The folder of a path, with `/` at the end; empty at the top. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/** A path as it is seen from a root. */
export const relativePath = (path: string, root: string): string =>
  path.startsWith(root) ? path.slice(root.length) : path;
