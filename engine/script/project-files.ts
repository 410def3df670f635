import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { Project, type ProjectSurroundings } from '../../language/project/project.ts';
import { PROJECT_CONFIG } from '../../language/project/project-config.ts';
import { Workspace, type WorkspaceSettings } from '../../language/project/workspace.ts';
import { findFiles, readScript } from './script-files.ts';

/** A file's path as the workspace knows it. */
export const workspacePath = (file: string): string => path.resolve(file).split(path.sep).join('/');

/**
 * The projects of the files and folders that are named: of a folder its files, and of a file those of the nearest
 * `ksql.json` above, as an editor has them that opened the folder.
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
    ...declared.map((root) => path.join(root, PROJECT_CONFIG)),
    ...findFiles(folders, (name) => path.basename(name) === PROJECT_CONFIG),
  ];
  for (const file of new Set(configs.map((each) => path.resolve(each))))
    workspace.setFile(workspacePath(file), readScript(file));
  for (const file of new Set(findFiles([...paths, ...declared]).map((each) => path.resolve(each))))
    workspace.setFile(workspacePath(file), readScript(file));
  return workspace;
}

/** The nearest folder above, or the folder itself, that has a `ksql.json`. */
function declaredRoot(given: string): string | undefined {
  for (let folder = path.resolve(given); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, PROJECT_CONFIG))) return folder;
    if (path.dirname(folder) === folder) return undefined;
  }
}

/** One project of the files that are named, in their order. */
export function readTogether(files: readonly string[], surroundings: ProjectSurroundings): Project {
  const project = new Project({ ...surroundings, order: files.map(workspacePath), isDeclared: true });
  for (const file of files) project.setFile(workspacePath(file), readScript(file));
  return project;
}
