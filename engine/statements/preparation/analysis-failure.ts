import { stageOf } from '../../../language/diagnostics/diagnostic-codes.ts';
import type { DiagnosticStage } from '../../../language/diagnostics/diagnostic-entry.ts';
import { dropText } from '../../../language/format/statement-text.ts';
import type * as ast from '../../../language/generated/ast.ts';
import type { DataSource, Metastore } from '../../../language/metastore/metastore.ts';
import type { ParsedStatement } from '../../../language/parser/parse-script.ts';
import type { AnalysisSettings } from '../../../language/query/statement-context.ts';
import type { PreparationProblem, PreparationStep } from '../../../language/script/preparation.ts';
import type { Diagnostic } from '../../../language/text/diagnostic.ts';
import type { TextRange } from '../../../language/text/text-range.ts';
import { backQuoted } from '../../../language/types/sql-type.ts';
import { badRequest, badStatement, EngineError, ERROR_CODE } from '../../api/errors.ts';
import { maskedInsert, maskedStatement } from './masked-statement.ts';
import { placeInText } from './place-in-text.ts';
import { plannedFailure, type QueryProblem } from './planned-failure.ts';
import { printedStatement } from './printed-statement.ts';

type Code = Diagnostic['code'] | undefined;

/** The errors to which ksqlDB adds the place: columns that cannot be resolved, and keys under the wrong name. */
const PLACED: ReadonlySet<Code> = new Set<Code>(['unknown-column', 'ambiguous-column', 'key-keyword']);

/** Refusals that ksqlDB reports without the statement, by the kind of statement. */
const GENERIC: Partial<Record<ast.Statement['$type'], ReadonlySet<Code>>> = {
  CreateSource: new Set(['unknown-topic', 'table-retention']),
  CreateAs: new Set(['format-schema', 'query-not-upgradeable']),
  InsertSelect: new Set(['insert-target']),
  InsertValues: new Set(['unknown-source', 'insert-target', 'insert-disabled']),
  DescribeFunction: new Set(['unknown-function']),
};

/** How messages of each step of preparation begin. */
const BEGINNING: Readonly<Record<PreparationStep, string>> = {
  build: 'Failed to prepare statement: ',
  sanitize: 'Exception while preparing statement: ',
};

/** The error of a statement that cannot be prepared; it is about the statement as it was sent. */
export function preparationFailure({ step, diagnostic }: PreparationProblem, statement: ParsedStatement): EngineError {
  const error = unpreparedError(step, diagnostic, statement);
  error.diagnosticCode = diagnostic.code;
  return error;
}

function unpreparedError(step: PreparationStep, diagnostic: Diagnostic, statement: ParsedStatement): EngineError {
  const message = placedMessage(diagnostic, statement);
  const { node, text } = statement;
  const place = placeOf(diagnostic, statement);
  switch (diagnostic.code) {
    // These come with a text of their own, under their own words.
    case 'source-name':
      return badStatement(message, nameAt(place, text));
    case 'key-keyword':
      return badStatement(message, (node?.$type === 'CreateSource' && columnAt(node, place)) || text);
    default:
      return badStatement(BEGINNING[step] + message, maskedStatement(statement));
  }
}

/** The name that stands at a place, without its quotes. */
const nameAt = ({ start, end }: TextRange, text: string): string => text.slice(start, end).replace(/^[`"]|[`"]$/g, '');

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
  const error =
    node?.$type === 'Query'
      ? queryFailure(node, { code, message, place: placeOf(problem, statement), text: statement.text }, metastore)
      : isGeneric(node, code, metastore)
        ? badRequest(message)
        : new EngineError(errorCode(code), message, {
            statementText: echoedText(code, stage, statement, metastore, settings),
          });
  error.duringAnalysis = true;
  error.diagnosticCode = code;
  return error;
}

function queryFailure(node: ast.Query, problem: QueryProblem, metastore: Metastore): EngineError {
  const { code, message, text } = problem;
  // Kafka Streams refuses a window while the query is built, which ksqlDB takes for a fault of its own.
  if (code === 'invalid-window' || code === 'window-size') return new EngineError(ERROR_CODE.serverError, message);
  return isPlanned(node, metastore) ? plannedFailure(problem, node, metastore) : badStatement(message, text);
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
  const { line, column } = placeInText(text, Math.max(0, range.start - offset));
  if (PLACED.has(code)) return `Line: ${line}, Col: ${column}: ${message}`;
  if (code === 'source-name') return message.replace(':', ` at Line: ${line}, Col: ${column}.`);
  return code === 'invalid-number' ? `line ${line}:${column}: ${message}` : message;
}

function echoedText(
  code: Code,
  stage: DiagnosticStage,
  statement: ParsedStatement,
  metastore: Metastore,
  settings: AnalysisSettings,
): string {
  const { node, text } = statement;
  switch (node?.$type) {
    case 'CreateSource':
      return printedStatement(statement, metastore, settings, stage);
    case 'CreateAs':
      return printedStatement(statement, metastore, settings, stage);
    case 'InsertValues':
      return maskedInsert(node);
    case 'DropSource':
      return node.deleteTopic && code !== 'drop-topic' ? dropText(node) : text;
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
