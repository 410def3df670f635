import type * as ast from '../../../language/generated/ast.ts';
import type { Metastore } from '../../../language/metastore/metastore.ts';
import { failedExpression } from '../../../language/statements/failed-expression.ts';
import type { Diagnostic } from '../../../language/text/diagnostic.ts';
import type { TextRange } from '../../../language/text/text-range.ts';
import { badStatement, EngineError, ERROR_CODE } from '../../api/errors.ts';

type Code = Diagnostic['code'] | undefined;

/** What is wrong with a query: the code and the words of the diagnostic, its place in the text, and the text. */
export interface QueryProblem {
  readonly code: Code;
  readonly message: string;
  readonly place: TextRange;
  readonly text: string;
}

/** What ksqlDB finds in one part of an expression, and reports with that part. */
const OF_A_PART = new Set<Code>(['arithmetic-types', 'comparison-types', 'cast-not-supported']);

/** What ksqlDB finds only when it compiles a whole expression to Java. */
const OF_THE_COMPILER = new Set<Code>([
  'like-operand',
  'logical-operand',
  'unary-operand',
  'array-index-type',
  'invalid-input-syntax',
]);

/** Functions that are none where keys are made. */
const NOT_FOR_KEYS = new Set<Code>(['function-not-allowed', 'table-function']);

/** What ksqlDB does not expect of an expression. */
const UNEXPECTED = new Set<Code>(['struct-expected', 'subscript-type', 'duplicate-field', 'in-list-null']);

/** What is wrong with the types of an expression, and not with the columns that it names. */
const OF_TYPES = new Set<Code>([
  'unknown-function',
  'function-arguments',
  'function-ambiguous',
  'unknown-field',
  'invalid-input-syntax',
  'case-condition',
  'case-types',
  'types-not-unifiable',
  'empty-constructor',
  'comparison-with-null',
  'lambda-result-type',
  'untyped-null',
  'simple-case',
]);

const CONSTRUCTORS: ReadonlySet<ast.Expression['$type']> = new Set(['ArrayConstructor', 'MapConstructor']);

/**
 * An error of a query that ksqlDB plans as it does a push query. What it finds while it plans an expression is reported
 * with that expression; what it does not expect there is for it a fault of its own, and so is what is wrong in the
 * select list of a pull query on a stream, which it plans only once it takes the query for a right one.
 */
export function plannedFailure(
  { code, message, place, text }: QueryProblem,
  node: ast.Query,
  metastore: Metastore,
): EngineError {
  const failed = failedExpression(node, place, metastore);
  if (failed === undefined) return badStatement(message, text);
  const unexpected = new EngineError(ERROR_CODE.serverError, message);
  if (code === 'invalid-timestamp') return node.emit === undefined ? unexpected : badStatement(message, text);
  const { clause, expression, text: whole, partText } = failed;
  const isOfHaving = clause === 'HAVING' && (code === 'unknown-function' || code === 'nested-aggregate');
  // Behind GROUP BY it is looked first whether an expression may stand there.
  if (failed.namesUngrouped || isOfHaving) return badStatement(message, text);
  if (UNEXPECTED.has(code) || (failed.isNull && (code === 'untyped-null' || code === 'condition-not-boolean')))
    return unexpected;
  if (isConditionError(message)) return badStatement(message, whole);
  if (OF_A_PART.has(code)) return badStatement(message, partText ?? whole);
  const ofKeys = (clause === 'GROUP BY' || clause === 'PARTITION BY') && NOT_FOR_KEYS.has(code);
  const isCompiled = ofKeys || (clause !== 'JOIN' && (code === 'untyped-null' || OF_THE_COMPILER.has(code)));
  if (isCompiled && !CONSTRUCTORS.has(expression.$type)) return badStatement(message, whole);
  const isPulled = clause === 'SELECT' && node.emit === undefined && !failed.hasAggregate;
  if (isPulled && OF_TYPES.has(code)) return unexpected;
  return badStatement(message, text);
}

/** Whether a message says in which condition it was found: WHERE and HAVING are looked at as a whole. */
const isConditionError = (message: string): boolean => /^(?:Error|Type error) in (?:WHERE|HAVING) /.test(message);
