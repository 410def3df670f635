import type { Diagnostic, RelatedPlace } from '../text/diagnostic.ts';
import type { HeadKey, ProjectFile } from './project-file.ts';
import type { StatementHead } from './statement-head.ts';

/** A statement that makes something, in its file. */
export interface DefinitionPlace {
  readonly file: ProjectFile;
  readonly head: StatementHead;
}

/** Statements of which each needs what the next one makes, and the last one what the first one makes. */
export type Cycle = readonly DefinitionPlace[];

/** What of a project the problems are found in. */
export interface Definitions {
  makersOf(key: HeadKey): readonly ProjectFile[];
}

/**
 * What is wrong with how the definitions of a file stand to those of other files: one is made twice, or needs itself.
 */
export function definitionProblems(
  file: ProjectFile,
  project: Definitions,
  { cycles, isDeclared }: { readonly cycles: Iterable<Cycle>; readonly isDeclared: boolean },
): readonly Diagnostic[] {
  const doubled = [...file.heads].flatMap(([key, heads]) => {
    const own = heads.filter(({ effect }) => effect === 'make');
    const others = own.length === 0 ? [] : placesOf(key, project).filter((place) => place.file !== file);
    return others.length === 0 ? [] : own.map((head) => doubledDefinition({ file, head }, others, isDeclared));
  });
  const circular = [...cycles].flatMap((cycle) =>
    cycle.flatMap((place, i) =>
      place.file === file ? [circularDefinition(place, [...cycle.slice(i + 1), ...cycle.slice(0, i)])] : [],
    ),
  );
  return [...doubled, ...circular];
}

/** So many other places are named at most: folders of examples can make one name hundreds of times. */
const MOST_RELATED = 10;

/** Where something is made first, by statements that do not allow for its being there. */
function placesOf(key: HeadKey, project: Definitions): readonly DefinitionPlace[] {
  return project
    .makersOf(key)
    .slice(0, MOST_RELATED + 1)
    .flatMap((file) =>
      (file.heads.get(key) ?? []).filter(({ effect }) => effect === 'make').map((head) => ({ file, head })),
    );
}

function doubledDefinition(
  { head }: DefinitionPlace,
  others: readonly DefinitionPlace[],
  isDeclared: boolean,
): Diagnostic {
  const what = head.kind === 'source' ? 'source' : 'type';
  return {
    code: 'doubled-definition',
    severity: isDeclared ? 'error' : 'information',
    message: `Another file of this project makes a ${what} named ${head.name}, too; both cannot be deployed.`,
    range: head.range,
    statement: head.index,
    fixes: [],
    related: others.slice(0, MOST_RELATED).map((place) => related(place, `${head.name} is made here, too.`)),
  };
}

function circularDefinition({ head }: DefinitionPlace, others: readonly DefinitionPlace[]): Diagnostic {
  const way = [head, ...others.map((place) => place.head), head].map(({ name }) => name).join(' ← ');
  return {
    code: 'circular-definition',
    severity: 'error',
    message: `${head.name} is made from itself (${way}), so there is no order in which these statements could run.`,
    range: head.range,
    statement: head.index,
    fixes: [],
    related: others.map((place) => related(place, `${place.head.name} is made here.`)),
  };
}

const related = ({ file, head }: DefinitionPlace, message: string): RelatedPlace => ({
  file: file.path,
  range: head.range,
  message,
});
