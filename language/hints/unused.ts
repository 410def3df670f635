import type * as ast from '../generated/ast.ts';
import { nameKey } from '../names/name.ts';
import { statementNames } from '../names/statement-names.ts';
import type { ParsedScript, ParsedStatement } from '../parser/parse-script.ts';
import { propertyRange } from '../parser/property-range.ts';
import type { ScriptAnalysis } from '../script/analyze-script.ts';
import { identifierText } from '../text/identifier-text.ts';
import type { Surprise } from './surprises.ts';
import type { UseCounts, UsedNames } from './use-counts.ts';

/** What a script's names are told by. */
export interface NameSurroundings {
  readonly functions: Pick<ReadonlySet<string>, 'has'>;
  /** Whether another file of the project names a source. */
  readonly isNamedElsewhere: (name: string) => boolean;
}

interface Declared {
  readonly statement: ParsedStatement;
  readonly node: ast.CreateSource;
}

/**
 * Sources and columns that are declared in a script, which has queries, and that nothing names.
 *
 * @param uses of the script as it was when it was last looked at; those of now afterwards
 */
export function unusedNames(
  { statements }: ParsedScript,
  analysis: ScriptAnalysis,
  { functions, isNamedElsewhere }: NameSurroundings,
  uses: UseCounts,
): ReadonlyMap<ParsedStatement, readonly Surprise[]> {
  const found = new Map<ParsedStatement, readonly Surprise[]>();
  const declared = statements.flatMap((statement): Declared[] =>
    statement.node?.$type === 'CreateSource' ? [{ statement, node: statement.node }] : [],
  );
  if (declared.length === 0 || !statements.some(isQuery)) return found;
  uses.update(statements.map((statement) => usedBy(statement, analysis, functions)));
  for (const { statement, node } of declared) {
    const keys = keysOf(node);
    const surprises = uses.has(keys.source) ? unusedColumns(node, keys, uses) : [unusedSource(node)];
    if (surprises.length > 0 && !isNamedElsewhere(node.name)) found.set(statement, surprises);
  }
  return found;
}

/** The keys of the names that a statement declares. */
interface DeclaredKeys {
  readonly source: string;
  readonly columns: readonly string[];
}

const declaredKeys = new WeakMap<ast.CreateSource, DeclaredKeys>();

function keysOf(node: ast.CreateSource): DeclaredKeys {
  const known = declaredKeys.get(node);
  if (known !== undefined) return known;
  const columnKey = ({ name }: ast.TableElement) => nameKey({ kind: 'column', source: node.name, name });
  const keys = { source: nameKey({ kind: 'source', name: node.name }), columns: node.elements.map(columnKey) };
  declaredKeys.set(node, keys);
  return keys;
}

const isQuery = ({ node }: ParsedStatement): boolean =>
  node?.$type === 'Query' || node?.$type === 'CreateAs' || node?.$type === 'InsertSelect';

function unusedSource(node: ast.CreateSource): Surprise {
  const message = `${identifierText(node.name)} is not named by any other statement.`;
  return { code: 'unused-source', message, range: propertyRange(node, 'name')! };
}

/** By what an analysis says of expressions: it is made anew whenever a name may stand for something else. */
const known = new WeakMap<object, UsedNames>();

function usedBy(
  statement: ParsedStatement,
  analysis: ScriptAnalysis,
  functions: Pick<ReadonlySet<string>, 'has'>,
): UsedNames {
  const expressions = analysis.expressions[statement.index]!;
  // Only a statement with a meaning has a table of its own.
  const hasMeaning = analysis.statements[statement.index] !== undefined;
  const remembered = hasMeaning ? known.get(expressions) : undefined;
  if (remembered !== undefined) return remembered;
  const keys = new Set<string>();
  const whole = new Set<string>();
  const { uses, outputs } = statementNames(statement, analysis, functions);
  const isWhole = !hasMeaning || !namesColumns(statement);
  for (const { named, defines } of uses) {
    if (defines) continue;
    keys.add(nameKey(named));
    if (named.kind === 'source' && isWhole) whole.add(named.name);
    if (named.kind === 'alias') keys.add(nameKey({ kind: 'source', name: named.source }));
  }
  for (const { from } of outputs) if (from !== undefined) keys.add(nameKey(from));
  const used = { keys, whole };
  if (hasMeaning) known.set(expressions, used);
  return used;
}

/** Whether a statement reads the columns that it names and no others. */
function namesColumns({ node }: ParsedStatement): boolean {
  if (node === undefined || !('query' in node || node.$type === 'Query')) return false;
  const query = node.$type === 'Query' ? node : (node as ast.CreateAs).query;
  return query.items.every(({ $type }) => $type === 'SelectExpression' || $type === 'SelectStructFields');
}

function unusedColumns(node: ast.CreateSource, { columns }: DeclaredKeys, uses: UseCounts): readonly Surprise[] {
  if (uses.isWhole(node.name)) return [];
  return node.elements.flatMap((element, i): Surprise[] => {
    if (element.constraint !== undefined || uses.has(columns[i]!)) return [];
    const message = `${identifierText(element.name)} is not read by any other statement.`;
    return [{ code: 'unused-column', message, range: propertyRange(element, 'name')! }];
  });
}
