import { LLStarLookaheadStrategy } from 'chevrotain-allstar';

type AlternationOptions = Parameters<LLStarLookaheadStrategy['buildLookaheadForAlternation']>[0];
type OptionalOptions = Parameters<LLStarLookaheadStrategy['buildLookaheadForOptional']>[0];
type ChooseAlternative = ReturnType<LLStarLookaheadStrategy['buildLookaheadForAlternation']>;
type ChooseOptional = ReturnType<LLStarLookaheadStrategy['buildLookaheadForOptional']>;

/** The names of the tokens before the parser: 1 is the next one. */
type Peek = (ahead: number) => string;

/** The alternatives of AtomicExpression, as the grammar orders them. */
const MAP_CONSTRUCTOR = 1;
const STRUCT_CONSTRUCTOR = 2;
const NAMED = 4;
const ARRAY_CONSTRUCTOR = 8;
/** The alternatives of GroupBy and PartitionBy. */
const LIST_IN_PARENTHESES = 0;
const BARE_LIST = 1;

/**
 * Decides by a few tokens where the general strategy would read on: it follows all alternatives for as long as one of
 * them could have ended, and what it then keeps in mind grows exponentially with the nesting of what it reads.
 */
export class KsqlLookahead extends LLStarLookaheadStrategy {
  override buildLookaheadForAlternation(options: AlternationOptions): ChooseAlternative {
    const general = super.buildLookaheadForAlternation(options);
    const decide = ALTERNATIVES[ruleName(options)];
    if (decide === undefined) return general;
    return function (alternatives) {
      return decide((ahead) => this.LA(ahead).tokenType.name) ?? general.call(this, alternatives);
    };
  }

  override buildLookaheadForOptional(options: OptionalOptions): ChooseOptional {
    if (ruleName(options) !== 'PrimaryExpression') return super.buildLookaheadForOptional(options);
    return function () {
      const next = this.LA(1).tokenType.name;
      return next === '[' || (next === '->' && this.LA(2).tokenType.name !== '*');
    };
  }
}

/** Langium marks the names of rules at their end. */
const ruleName = ({ rule }: Pick<AlternationOptions, 'rule'>): string => rule.name.replace(/\W+$/, '');

const ALTERNATIVES: Readonly<Record<string, (peek: Peek) => number | undefined>> = {
  AtomicExpression: constructorOf,
  GroupBy: keyList,
  PartitionBy: keyList,
};

/** ARRAY, MAP and STRUCT are names as well: of functions, of columns with a subscript. */
function constructorOf(peek: Peek): number | undefined {
  const name = peek(1);
  const bracket = peek(2);
  if (name === 'ARRAY' && bracket === '[') return ARRAY_CONSTRUCTOR;
  if ((name !== 'MAP' && name !== 'STRUCT') || bracket !== '(') return undefined;
  if (peek(3) !== ')' && !assigns(peek)) return NAMED;
  return name === 'MAP' ? MAP_CONSTRUCTOR : STRUCT_CONSTRUCTOR;
}

/** Whether the first entry in the parentheses has a `:=`. */
function assigns(peek: Peek): boolean {
  let depth = 0;
  for (let ahead = 3; ; ahead++) {
    const name = peek(ahead);
    if (OPENING.has(name)) depth++;
    else if (CLOSING.has(name)) depth--;
    if (depth < 0 || name === 'EOF' || name === ';') return false;
    if (depth === 0 && name === ':=') return true;
    if (depth === 0 && name === ',') return false;
  }
}

/** `(a, b)` is a list of keys; `(a + b) * 2` and `(a IS NULL)` begin with a parenthesis of their own. */
function keyList(peek: Peek): number | undefined {
  if (peek(1) !== '(') return undefined;
  let depth = 1;
  let ahead = 2;
  let isCondition = false;
  for (; depth > 0; ahead++) {
    const name = peek(ahead);
    if (depth === 1 && CONDITION.has(name)) isCondition = true;
    if (OPENING.has(name)) depth++;
    else if (CLOSING.has(name)) depth--;
    if (name === 'EOF' || name === ';' || (depth === 1 && name === ',')) return LIST_IN_PARENTHESES;
  }
  return isCondition || CONTINUATIONS.has(peek(ahead)) ? BARE_LIST : LIST_IN_PARENTHESES;
}

const OPENING: ReadonlySet<string> = new Set(['(', '[', 'CASE']);
const CLOSING: ReadonlySet<string> = new Set([')', ']', 'END']);
/** What a condition has and a value has only in brackets. */
const CONDITION: ReadonlySet<string> = new Set([
  ...['AND', 'OR', 'NOT', 'IS', 'IN', 'LIKE', 'BETWEEN', '=', '<>', '!=', '<', '<=', '>', '>='],
]);
const CONTINUATIONS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '||', '[', '->', 'AT', ',']);
