import { stageOf } from '../../../language/diagnostics/diagnostic-codes.ts';
import type { DiagnosticStage } from '../../../language/diagnostics/diagnostic-entry.ts';
import { printExpression } from '../../../language/format/expression-text.ts';
import { dropText } from '../../../language/format/statement-text.ts';
import type * as ast from '../../../language/generated/ast.ts';
import type { DataSource, Metastore } from '../../../language/metastore/metastore.ts';
import type { ParsedStatement } from '../../../language/parser/parse-script.ts';
import type { AnalysisSettings } from '../../../language/query/statement-context.ts';
import type { Diagnostic } from '../../../language/text/diagnostic.ts';
import type { TextRange } from '../../../language/text/text-range.ts';
import { backQuoted } from '../../../language/types/sql-type.ts';
import { EngineError, ERROR_CODE } from '../../api/errors.ts';
import { maskedInsert } from './masked-statement.ts';
import { printedStatement } from './printed-statement.ts';

type Code = Diagnostic['code'] | undefined;

/** Columns that cannot be resolved are the errors to which ksqlDB adds the place. */
const PLACED: ReadonlySet<Code> = new Set<Code>(['unknown-column', 'ambiguous-column']);

/** Refusals that ksqlDB reports without the statement, by the kind of statement. */
const GENERIC: Partial<Record<ast.Statement['$type'], ReadonlySet<Code>>> = {
  CreateSource: new Set(['unknown-topic', 'table-retention']),
  CreateAs: new Set(['format-schema', 'query-not-upgradeable']),
  InsertSelect: new Set(['insert-target']),
  InsertValues: new Set(['unknown-source', 'insert-target', 'insert-disabled']),
  DescribeFunction: new Set(['unknown-function']),
};

/** The error of the analysis as the REST API reports it: with the code, and the statement's text, that ksqlDB gives. */
export function analysisFailure(
  problem: Diagnostic | undefined,
  statement: ParsedStatement,
  metastore: Metastore,
  settings: AnalysisSettings,
): EngineError {
  const { node } = statement;
  const code = problem?.code;
  const stage = problem?.stage ?? (code === undefined ? 'complete' : stageOf(code));
  const message = problem === undefined ? 'The statement cannot be analysed.' : placedMessage(problem, statement);
  // Kafka Streams refuses a window while the query is built, which ksqlDB takes for a fault of its own.
  const ofWindow = (code === 'invalid-window' || code === 'window-size') && node?.$type === 'Query';
  const error = ofWindow
    ? new EngineError(ERROR_CODE.serverError, message)
    : isGeneric(node, code, metastore)
      ? new EngineError(ERROR_CODE.badRequest, message)
      : new EngineError(errorCode(code), message, {
          statementText: echoedText(code, stage, placeOf(problem, statement), statement, metastore, settings),
        });
  error.duringAnalysis = stage !== 'preparing';
  error.diagnosticCode = code;
  return error;
}

/** The place of a problem in the statement's own text. */
function placeOf(problem: Diagnostic | undefined, { offset, text }: ParsedStatement): TextRange {
  if (problem === undefined) return { start: 0, end: text.length };
  return { start: problem.range.start - offset, end: problem.range.end - offset };
}

function isGeneric(node: ast.Statement | undefined, code: Code, { sources }: Metastore): boolean {
  if (node === undefined) return false;
  if (node.$type === 'DropSource') return node.deleteTopic && isAboutTopicOnly(code, sources.get(node.name));
  return GENERIC[node.$type]?.has(code) ?? false;
}

/** What ksqlDB finds when it deletes the topic, before it looks at the source. */
const isAboutTopicOnly = (code: Code, source: DataSource | undefined): boolean =>
  code === 'unknown-source' || (code === 'drop-topic' && source?.readOnly === true);

/** Topics and windows are Kafka's: where they do not agree with a statement ksqlDB speaks of an error of the server. */
const errorCode = (code: Code): number =>
  code === 'topic-mismatch' || code === 'invalid-window' || code === 'drop-topic'
    ? ERROR_CODE.serverError
    : ERROR_CODE.badStatement;

function placedMessage({ code, message, range }: Diagnostic, { text, offset }: ParsedStatement): string {
  if (!PLACED.has(code)) return message;
  const before = text.slice(0, Math.max(0, range.start - offset));
  const line = before.split('\n').length;
  const column = before.length - (before.lastIndexOf('\n') + 1) + 1;
  return `Line: ${line}, Col: ${column}: ${message}`;
}

/** Types that do not fit together, found where ksqlDB looks at one expression. */
const TYPE_ERRORS: ReadonlySet<Code> = new Set<Code>([
  'arithmetic-types',
  'comparison-types',
  'condition-not-boolean',
  'cast-not-supported',
]);

/** The expression that stands at a place of the statement, as ksqlDB prints it. */
function expressionAt(node: object, place: TextRange): string | undefined {
  for (const [name, child] of Object.entries(node)) {
    if (name.startsWith('$')) continue;
    for (const candidate of Array.isArray(child) ? child : [child]) {
      if (typeof candidate !== 'object' || candidate === null || !('$type' in candidate)) continue;
      // From inside out: a select item covers the same text as the expression that it consists of.
      const inside = expressionAt(candidate, place);
      if (inside !== undefined) return inside;
      const { $cstNode } = candidate as ast.Expression;
      const here = $cstNode?.offset === place.start && $cstNode.end === place.end;
      if (here && candidate.$type !== 'SelectExpression') return printExpression(candidate as ast.Expression);
    }
  }
  return undefined;
}

function echoedText(
  code: Code,
  stage: DiagnosticStage,
  place: TextRange,
  statement: ParsedStatement,
  metastore: Metastore,
  settings: AnalysisSettings,
): string {
  const { node, text } = statement;
  switch (node?.$type) {
    case 'CreateSource':
      // The word of a key is looked at with its column, before there is a statement.
      if (code === 'key-keyword') return columnAt(node, place) ?? text;
      return printedStatement(statement, metastore, settings, stage);
    case 'CreateAs':
      return printedStatement(statement, metastore, settings, stage);
    case 'InsertValues':
      return maskedInsert(node);
    case 'DropSource':
      return node.deleteTopic && code !== 'drop-topic' ? dropText(node) : text;
    case 'Query':
      return (isPlanned(node, metastore) && TYPE_ERRORS.has(code) ? expressionAt(node, place) : undefined) ?? text;
    default:
      return text;
  }
}

function columnAt({ elements }: ast.CreateSource, place: TextRange): string | undefined {
  const column = elements.find(({ $cstNode: cst }) => cst && cst.offset <= place.start && place.end <= cst.end);
  return column && backQuoted(column.name);
}

/**
 * Whether ksqlDB plans the query as it does a push query: types that do not go together are then reported with the
 * expression alone.
 */
function isPlanned({ emit, from }: ast.Query, { sources }: Metastore): boolean {
  if (emit !== undefined) return true;
  return from.$type === 'AliasedSource' && sources.get(from.name)?.kind === 'STREAM';
}
