import type * as ast from '../generated/ast.ts';
import type { ParsedStatement } from '../parser/parse-script.ts';
import { type Replacement, variableReferences } from '../parser/substitute-variables.ts';
import type { AnalyzedStatement, OutputColumn, SelectItem } from '../query/analyzed.ts';
import type { ExpressionTable } from '../query/statement-context.ts';
import type { ScriptAnalysis } from '../script/analyze-script.ts';
import { rangeOf } from '../text/analysis-error.ts';
import type { TextRange } from '../text/text-range.ts';
import type { NamedColumn, NameUse, OutputName, StatementNames } from './name.ts';
import { type TokenSurroundings, tokenNames } from './token-names.ts';
import { querySources, treeNames } from './tree-names.ts';

/** By what an analysis says of expressions: it is made anew whenever something is found that a name could depend on. */
const known = new WeakMap<ExpressionTable, StatementNames>();

/**
 * What the names in a statement stand for. It is found in the tree, by what the analyser says of it; a statement
 * without one is looked at word by word.
 */
export function statementNames(
  statement: ParsedStatement,
  analysis: ScriptAnalysis,
  functions: TokenSurroundings['functions'],
): StatementNames {
  const expressions = analysis.expressions[statement.index]!;
  if (statement.node === undefined) return namesOf(statement, analysis, functions);
  const remembered = known.get(expressions);
  if (remembered !== undefined) return remembered;
  const names = namesOf(statement, analysis, functions);
  known.set(expressions, names);
  return names;
}

function namesOf(
  statement: ParsedStatement,
  analysis: ScriptAnalysis,
  functions: TokenSurroundings['functions'],
): StatementNames {
  const { index } = statement;
  const metastore = analysis.metastores[index]!;
  const { statement: read, replacements } = analysis.substituted.get(index) ?? { statement, replacements: [] };
  const { node } = read;
  const variables = variableReferences(statement.text).map(
    ({ name, range }): NameUse => ({ named: { kind: 'variable', name }, range, defines: false, form: 'variable' }),
  );
  if (node === undefined) {
    const seen = tokenNames(statement.text, { metastore, functions });
    return { uses: inOrder([...variables, ...seen]), outputs: [] };
  }
  const expressions = analysis.expressions[index]!;
  const uses = treeNames(node, { metastore, expressions });
  const outputs = outputNames(node, uses, expressions, analysis.statements[index]);
  if (variables.length === 0) return { uses, outputs };
  return {
    uses: inOrder([...variables, ...uses.map((use) => asWritten(use, replacements))]),
    outputs: outputs.map((output) => ({ ...output, item: writtenRange(output.item, replacements).range })),
  };
}

const inOrder = (uses: NameUse[]): readonly NameUse[] => uses.sort((a, b) => a.range.start - b.range.start);

/** A name where it stands in the text with variables. */
function asWritten(use: NameUse, replacements: readonly Replacement[]): NameUse {
  const { range, isValue } = writtenRange(use.range, replacements);
  return { ...use, range, form: isValue ? 'value' : use.form };
}

/**
 * Where a piece of the text with values stands in the text with variables; inside of a value it is the whole variable.
 */
function writtenRange(
  { start, end }: TextRange,
  replacements: readonly Replacement[],
): { readonly range: TextRange; readonly isValue: boolean } {
  const inside = replacements.find(({ replaced }) => replaced.start <= start && end <= replaced.end);
  if (inside !== undefined) return { range: inside.written, isValue: true };
  const move = (offset: number): number => {
    const before = replacements.findLast(({ replaced }) => replaced.end <= offset);
    return before === undefined ? offset : offset - before.replaced.end + before.written.end;
  };
  return { range: { start: move(start), end: move(end) }, isValue: false };
}

/** The columns that the query of a statement gives to what it writes. */
function outputNames(
  node: ast.Statement,
  uses: readonly NameUse[],
  expressions: ExpressionTable,
  analyzed: AnalyzedStatement | undefined,
): readonly OutputName[] {
  if (node.$type !== 'CreateAs' && node.$type !== 'InsertSelect') return [];
  if (analyzed?.kind !== 'create-as' && analyzed?.kind !== 'insert-select') return [];
  const source = node.$type === 'CreateAs' ? node.name : node.target;
  const sources = querySources(node);
  const items = new Map(node.query.items.map((item) => [rangeOf(item)?.start, item]));
  return analyzed.query.output.columns.flatMap(({ name, selected }: OutputColumn): OutputName[] => {
    if (selected === undefined) return [];
    const item = items.get(selected.range.start);
    const plain = item?.$type === 'SelectExpression' ? plainReference(item.expression) : undefined;
    const alias = aliasOf(selected, plain && expressions.get(plain));
    const starred = selected.fromStar && selected.expression.kind === 'column' ? selected.expression.name : undefined;
    const known = alias === undefined ? undefined : sources.get(alias)?.source;
    const from = plain
      ? columnAt(plain, uses)
      : known !== undefined && starred !== undefined
        ? ({ kind: 'column', source: known, name: starred } as const)
        : undefined;
    return [
      {
        named: { kind: 'column', source, name },
        defines: node.$type === 'CreateAs',
        item: selected.range,
        by: selected.aliased ? 'alias' : selected.fromStar ? 'star' : from === undefined ? 'rule' : 'column',
        from,
        alias,
      },
    ];
  });
}

/** A column and nothing else, in parentheses or not. */
function plainReference(node: ast.Expression): ast.ColumnReference | ast.QualifiedReference | undefined {
  if (node.$type === 'Parenthesized') return plainReference(node.expression);
  return node.$type === 'ColumnReference' || node.$type === 'QualifiedReference' ? node : undefined;
}

function aliasOf(selected: SelectItem, expression: ReturnType<ExpressionTable['get']>): string | undefined {
  const column = selected.fromStar ? selected.expression : expression;
  return column?.kind === 'column' ? column.source : undefined;
}

function columnAt(
  node: ast.ColumnReference | ast.QualifiedReference,
  uses: readonly NameUse[],
): NamedColumn | undefined {
  const place = rangeOf(node);
  const named = uses.find(({ range, named }) => range.end === place?.end && named.kind === 'column')?.named;
  return named?.kind === 'column' ? named : undefined;
}

/** The innermost name around an offset of a statement; where two share a place, the one that is written there. */
export function nameAt({ uses }: StatementNames, offset: number): NameUse | undefined {
  const around = uses.filter(({ range }) => range.start <= offset && offset <= range.end);
  return around.find(({ form }) => form !== 'value') ?? around[0];
}
