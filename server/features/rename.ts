import {
  ErrorCodes,
  type Position,
  type Range,
  ResponseError,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { Named } from '../../language/names/name.ts';
import { Project } from '../../language/project/project.ts';
import { explain, type TextEdit as OffsetEdit } from '../../language/text/diagnostic.ts';
import { asDeclared } from '../rename/declared-field.ts';
import { readNewName } from '../rename/new-name.ts';
import { renameEdits } from '../rename/rename-edits.ts';
import { RenameSet } from '../rename/rename-set.ts';
import { columnOrigin, definitionOf } from '../scripts/definitions.ts';
import { type PlacedName, placedNameAt } from '../scripts/names.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';

/** What can be renamed: what somebody's files name, and nothing that others know by its name. */
const RENAMABLE: ReadonlySet<Named['kind']> = new Set([
  'source',
  'column',
  'field',
  'alias',
  'parameter',
  'result',
  'type',
  'variable',
  'connector',
]);

/**
 * The name at a position that can be renamed; undefined where there is none.
 * @throws ResponseError for what is not made in these files
 */
export function prepareRename(script: Script, position: Position): { range: Range; placeholder: string } | undefined {
  const found = placedNameAt(script, script.document.offsetAt(position));
  if (found === undefined || !RENAMABLE.has(found.use.named.kind)) return undefined;
  requireDefined(asDeclared(found));
  const { start, end } = found.range;
  return { range: toLspRange(script.document, found.range), placeholder: script.parsed.text.slice(start, end) };
}

/**
 * Gives what is named at a position another name, wherever it is named, and what follows from it.
 * @throws ResponseError when that cannot be, or would make something wrong that is right
 */
export function rename(script: Script, position: Position, typed: string): WorkspaceEdit | undefined {
  const placed = placedNameAt(script, script.document.offsetAt(position));
  if (placed === undefined || !RENAMABLE.has(placed.use.named.kind)) return undefined;
  const found = asDeclared(placed);
  requireDefined(found);
  const name = readNewName(typed);
  if (name === undefined) throw refused(`${typed} is no name. Put it in back-quotes if it is to be one.`);
  if (name.name === found.use.named.name) return { changes: {} };
  requireFree(found, name.name);
  const renamed = new RenameSet(found, name);
  const edits = renamed.scripts.flatMap((each) => {
    const own = renameEdits(each, renamed);
    return own.length === 0 ? [] : [{ script: each, edits: own }];
  });
  requireRight(script, edits);
  return {
    changes: Object.fromEntries(
      edits.map((each) => [each.script.document.uri, each.edits.map((edit) => asLsp(each.script, edit))]),
    ),
  };
}

const asLsp = ({ document }: Script, { range, text }: OffsetEdit): TextEdit => ({
  range: toLspRange(document, range),
  newText: text,
});

const refused = (message: string) => new ResponseError(ErrorCodes.InvalidRequest, message);

function requireDefined(found: PlacedName): void {
  const { named } = found.use;
  // Which columns have the type, and what reads the field of each, is not followed.
  if (named.kind === 'field' && named.within?.kind === 'type')
    throw refused(`${named.name} is a field of the type ${named.within.name}: fields of types cannot be renamed here.`);
  const isDefined = named.kind === 'column' ? columnOrigin(named, found.script) : definitionOf(found);
  if (isDefined === undefined)
    throw refused(`No file of this project makes ${named.name}, so it cannot be renamed here.`);
}

/** @throws ResponseError where something of the new name is there already */
function requireFree({ use: { named }, script, statement }: PlacedName, name: string): void {
  const { metastore } = script.analysis;
  const { project } = script.files.projectOf(script.document.uri);
  const taken =
    named.kind === 'source'
      ? metastore.sources.has(name) || project.makersOf(`source ${name}`).length > 0
      : named.kind === 'type'
        ? metastore.types.has(name) || project.makersOf(`type ${name}`).length > 0
        : named.kind === 'column' &&
          (script.analysis.metastores[statement.index + 1] ?? metastore).sources
            .get(named.source)
            ?.schema.columns.some((column) => column.name === name);
  if (taken) throw refused(`There is a ${named.kind} named ${name} already.`);
}

interface ScriptEdits {
  readonly script: Script;
  readonly edits: readonly OffsetEdit[];
}

/** @throws ResponseError when the project would have an error that it does not have now */
function requireRight(script: Script, changed: readonly ScriptEdits[]): void {
  const { project } = script.files.projectOf(script.document.uri);
  const after = new Project(project.surroundings);
  for (const { path, text } of project.files) after.setFile(path, text);
  for (const { script: each, edits } of changed) after.setFile(each.document.uri, applied(each.parsed.text, edits));
  for (const { script: each } of changed) {
    const errors = (of: Project) =>
      (of.script(each.document.uri)?.diagnostics ?? []).filter(({ severity }) => severity === 'error');
    const known = new Set(errors(project).map(({ code, statement }) => `${code} ${statement}`));
    const added = errors(after).find(({ code, statement }) => !known.has(`${code} ${statement}`));
    if (added !== undefined) throw refused(`With that name something would be wrong: ${explain(added)}`);
  }
}

function applied(text: string, edits: readonly OffsetEdit[]): string {
  let result = '';
  let at = 0;
  for (const { range, text: put } of edits) {
    result += text.slice(at, range.start) + put;
    at = range.end;
  }
  return result + text.slice(at);
}
