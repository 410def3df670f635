import type * as ast from '../generated/ast.ts';
import { type NamedColumn, nameKey } from '../names/name.ts';
import { statementNames } from '../names/statement-names.ts';
import type { ParsedScript, ParsedStatement } from '../parser/parse-script.ts';
import { propertyRange } from '../parser/property-range.ts';
import type { ScriptAnalysis } from '../script/analyze-script.ts';
import { identifierText } from '../text/identifier-text.ts';
import type { Surprise } from './surprises.ts';

/** What other files of the project may name. */
export type NamedElsewhere = (name: string) => boolean;

interface Declared {
  readonly statement: ParsedStatement;
  readonly node: ast.CreateSource;
}

/** Sources and columns that are declared in a script, which has queries, and that nothing names. */
export function unusedNames(
  { statements }: ParsedScript,
  analysis: ScriptAnalysis,
  functions: Pick<ReadonlySet<string>, 'has'>,
  isNamedElsewhere: NamedElsewhere,
): ReadonlyMap<ParsedStatement, readonly Surprise[]> {
  const found = new Map<ParsedStatement, readonly Surprise[]>();
  const declared = statements.flatMap((statement): Declared[] =>
    statement.node?.$type === 'CreateSource' ? [{ statement, node: statement.node }] : [],
  );
  if (declared.length === 0 || !statements.some(isQuery)) return found;
  const used = usedNames(statements, analysis, functions);
  for (const { statement, node } of declared) {
    if (isNamedElsewhere(node.name)) continue;
    const isRead = used.keys.has(nameKey({ kind: 'source', name: node.name }));
    const surprises = isRead ? unusedColumns(node, used) : [unusedSource(node)];
    if (surprises.length > 0) found.set(statement, surprises);
  }
  return found;
}

const isQuery = ({ node }: ParsedStatement): boolean =>
  node?.$type === 'Query' || node?.$type === 'CreateAs' || node?.$type === 'InsertSelect';

function unusedSource(node: ast.CreateSource): Surprise {
  const message = `${identifierText(node.name)} is not named by any other statement.`;
  return { code: 'unused-source', message, range: propertyRange(node, 'name')! };
}

interface UsedNames {
  readonly keys: ReadonlySet<string>;
  /** Sources of which something needs all columns, or may. */
  readonly whole: ReadonlySet<string>;
}

function usedNames(
  statements: readonly ParsedStatement[],
  analysis: ScriptAnalysis,
  functions: Pick<ReadonlySet<string>, 'has'>,
): UsedNames {
  const keys = new Set<string>();
  const whole = new Set<string>();
  for (const statement of statements) {
    const used = usedBy(statement, analysis, functions);
    for (const key of used.keys) keys.add(key);
    for (const source of used.whole) whole.add(source);
  }
  return { keys, whole };
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

function unusedColumns(node: ast.CreateSource, { keys, whole }: UsedNames): readonly Surprise[] {
  if (whole.has(node.name)) return [];
  return node.elements.flatMap((element): Surprise[] => {
    const named: NamedColumn = { kind: 'column', source: node.name, name: element.name };
    if (element.constraint !== undefined || keys.has(nameKey(named))) return [];
    const message = `${identifierText(element.name)} is not read by any other statement.`;
    return [{ code: 'unused-column', message, range: propertyRange(element, 'name')! }];
  });
}
