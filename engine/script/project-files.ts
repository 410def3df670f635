import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { deploymentOrder } from '../../language/project/deployment-order.ts';
import { Project, type ProjectSurroundings } from '../../language/project/project.ts';
import { PROJECT_CONFIG, type ProjectConfig, readProjectConfig } from '../../language/project/project-config.ts';
import { SCHEMA_LOCK } from '../../language/project/schema-lock.ts';
import { declaresProject, Workspace, type WorkspaceSettings } from '../../language/project/workspace.ts';
import { findFiles, readScript } from './script-files.ts';

/** A file's path as the workspace knows it. */
export const workspacePath = (file: string): string => path.resolve(file).split(path.sep).join('/');

/**
 * The projects of the files and folders that are named: of a folder its files, and of a file those of the nearest
 * `ksql.json` or `ksql.lock.json` above, as an editor has them that opened the folder.
 * @throws UsageError when a path does not exist
 */
export function readWorkspace(paths: readonly string[], settings: WorkspaceSettings): Workspace {
  const folders = paths.filter((each) => statSync(each, { throwIfNoEntry: false })?.isDirectory());
  const declared = paths.map(declaredRoot).filter((root) => root !== undefined);
  const workspace = new Workspace(
    settings,
    folders.map((folder) => `${workspacePath(folder)}/`),
  );
  const configs = [
    ...declared.flatMap((root) => DECLARING.map((name) => path.join(root, name)).filter((file) => existsSync(file))),
    ...findFiles(folders, (name) => declaresProject(path.basename(name))),
  ];
  for (const file of new Set(configs.map((each) => path.resolve(each))))
    workspace.setFile(workspacePath(file), readScript(file));
  for (const file of new Set(findFiles([...paths, ...declared]).map((each) => path.resolve(each))))
    workspace.setFile(workspacePath(file), readScript(file));
  return workspace;
}

const DECLARING = [PROJECT_CONFIG, SCHEMA_LOCK];

/** The nearest folder above, or the folder itself, that has a `ksql.json` or a `ksql.lock.json`. */
export function declaredRoot(given: string): string | undefined {
  for (let folder = path.resolve(given); ; folder = path.dirname(folder)) {
    if (DECLARING.some((name) => existsSync(path.join(folder, name)))) return folder;
    if (path.dirname(folder) === folder) return undefined;
  }
}

/** A script that is to run, and what the `ksql.json` of its project says. */
export interface FileToRun {
  readonly file: string;
  readonly config: ProjectConfig;
  /** The folders with functions that it names. */
  readonly functions: readonly string[];
}

/**
 * The files and folders that are named, each once, as they can run: those of a folder after the others that they need.
 * Files that are named one by one stay as they are named.
 * @throws UsageError when a path does not exist
 */
export function filesToRun(paths: readonly string[], settings: WorkspaceSettings): readonly FileToRun[] {
  return inOrder(paths, settings).map((file) => {
    const home = declaredRoot(path.dirname(file));
    const config = home === undefined ? {} : configIn(home);
    return { file, config, functions: (config.functions ?? []).map((folder) => path.resolve(home ?? '', folder)) };
  });
}

/** What is wrong in it is told by `ksql check` and the editor, and is as if it were not there. */
function configIn(folder: string): ProjectConfig {
  const file = path.join(folder, PROJECT_CONFIG);
  return existsSync(file) ? readProjectConfig(readScript(file)).config : {};
}

function inOrder(paths: readonly string[], settings: WorkspaceSettings): readonly string[] {
  return paths.flatMap((given) => {
    const files = findFiles([given]);
    if (files.length === 1 && files[0] === given) return files;
    const workspace = readWorkspace([given], settings);
    const named = new Map(files.map((file) => [workspacePath(file), file]));
    const projects = new Set(files.map((file) => workspace.projectOf(workspacePath(file)).project));
    return [...projects].flatMap((project) =>
      deploymentOrder(project).flatMap(({ path: own }) => named.get(own) ?? []),
    );
  });
}

/** One project of the files that are named, in their order. */
export function readTogether(files: readonly string[], surroundings: ProjectSurroundings): Project {
  const project = new Project({ ...surroundings, order: files.map(workspacePath), isDeclared: true });
  for (const file of files) project.setFile(workspacePath(file), readScript(file));
  return project;
}
