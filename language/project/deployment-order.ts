import { EMPTY_METASTORE } from '../metastore/metastore.ts';
import { treeNames } from '../names/tree-names.ts';
import type { Project } from './project.ts';
import type { HeadKey, ProjectFile } from './project-file.ts';

/**
 * The files of a project in an order in which they can run: each after those that make what it names. Files that need
 * nothing of each other stay in the order of the project, and so do those of which each needs the other.
 */
export function deploymentOrder(project: Project): readonly ProjectFile[] {
  const ordered = new Set<ProjectFile>();
  const underWay = new Set<ProjectFile>();
  const visit = (file: ProjectFile): void => {
    if (ordered.has(file) || underWay.has(file)) return;
    underWay.add(file);
    for (const key of namesOf(file, project)) {
      const [maker] = project.makersOf(key);
      if (maker !== undefined && maker !== file && !(file.makes(key) && !file.onlyReplaces(key))) visit(maker);
    }
    underWay.delete(file);
    ordered.add(file);
  };
  for (const file of project.files) visit(file);
  return [...ordered];
}

/** The sources and types that a file names, in the order of its text. */
function namesOf(file: ProjectFile, { surroundings: { settings } }: Project): ReadonlySet<HeadKey> {
  const keys = new Set<HeadKey>();
  file.slices.forEach((_, index) => {
    const { node, partial } = file.statement(index, settings);
    const root = node ?? partial;
    if (root === undefined) return;
    for (const { named } of treeNames(root, { metastore: EMPTY_METASTORE, expressions: new Map() }))
      if (named.kind === 'source' || named.kind === 'type') keys.add(`${named.kind} ${named.name}`);
  });
  return keys;
}
