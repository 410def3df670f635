import type { StatementToken } from './statement-tokens.ts';

/** Nodes whose parenthesis follows their name at once: calls and types with parameters. */
const TIGHT_PARENTHESES: ReadonlySet<string> = new Set([
  ...['FunctionCall', 'Cast', 'MapConstructor', 'StructConstructor'],
  ...['DecimalType', 'NamedType', 'HeaderConstraint'],
]);
/** Nodes whose `<` and `>` are brackets. */
const TYPES_WITH_BRACKETS: ReadonlySet<string> = new Set(['ArrayType', 'MapType', 'StructType']);

export const isTypeBracket = ({ owner, text }: StatementToken): boolean =>
  (text === '<' || text === '>') && TYPES_WITH_BRACKETS.has(owner.$type);

/** Whether a blank stands between two neighbouring tokens of a line. */
export function needsSpace(left: StatementToken, right: StatementToken): boolean {
  if (right.kind === 'symbol') {
    if (',;)].'.includes(right.text) || right.text === '->') return false;
    if (right.text === '[') return false;
    if (right.text === '(' && left.owner === right.owner && TIGHT_PARENTHESES.has(right.owner.$type)) return false;
    if (isTypeBracket(right) || right.text === '<>') return isOperator(right);
  }
  if (left.kind === 'symbol') {
    if ('([.'.includes(left.text) || left.text === '->') return false;
    if (isTypeBracket(left) && left.text === '<') return false;
    // Two minus signs side by side would begin a comment.
    if (isSign(left)) return right.text.startsWith('-') || right.text.startsWith('+');
  }
  return true;
}

const isOperator = ({ owner }: StatementToken): boolean => owner.$type === 'Comparison';

/** A plus or minus that belongs to the one operand after it. */
const isSign = ({ owner, text }: StatementToken): boolean =>
  (text === '-' || text === '+') && owner.$type !== 'BinaryExpression';
