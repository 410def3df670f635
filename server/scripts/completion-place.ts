import { type Token, tokenize } from '../../language/text/tokens.ts';

/** What may stand at the cursor, as far as the tokens before it tell. */
export type CompletionPlace =
  | { readonly kind: 'none' }
  | { readonly kind: 'statement' }
  | { readonly kind: 'source'; readonly of?: 'STREAM' | 'TABLE' }
  | { readonly kind: 'topic' }
  | { readonly kind: 'query' }
  | { readonly kind: 'function-name' }
  /** After `alias.` */
  | { readonly kind: 'member'; readonly qualifier: string }
  /** After `->`: a field of the struct column of that name. */
  | { readonly kind: 'field'; readonly column: string }
  | { readonly kind: 'with-name'; readonly statement: string }
  | { readonly kind: 'with-value'; readonly name: string; readonly inText: boolean }
  | { readonly kind: 'setting'; readonly inText: boolean }
  | { readonly kind: 'setting-value'; readonly name: string }
  | { readonly kind: 'type'; readonly declares: boolean }
  | { readonly kind: 'column-of-target'; readonly target: string }
  /** With `orName`, a name of the user's own may stand there as well. */
  | { readonly kind: 'keywords'; readonly words: readonly string[]; readonly orName?: boolean }
  | { readonly kind: 'expression'; readonly words: readonly string[] };

const AFTER_WORD: Readonly<Record<string, readonly string[]>> = {
  CREATE: ['STREAM', 'TABLE', 'SOURCE', 'SINK CONNECTOR', 'OR REPLACE', 'TYPE'],
  REPLACE: ['STREAM', 'TABLE', 'SOURCE'],
  SOURCE: ['CONNECTOR', 'STREAM', 'TABLE'],
  SINK: ['CONNECTOR'],
  OR: ['REPLACE'],
  DROP: ['STREAM', 'TABLE', 'CONNECTOR', 'TYPE'],
  ALTER: ['STREAM', 'TABLE', 'SYSTEM'],
  SHOW: ['STREAMS', 'TABLES', 'TOPICS', 'QUERIES', 'FUNCTIONS', 'PROPERTIES', 'TYPES', 'VARIABLES', 'CONNECTORS'],
  LIST: ['STREAMS', 'TABLES', 'TOPICS', 'QUERIES', 'FUNCTIONS', 'PROPERTIES', 'TYPES', 'VARIABLES', 'CONNECTORS'],
  EMIT: ['CHANGES', 'FINAL'],
  WINDOW: ['TUMBLING (SIZE ', 'HOPPING (SIZE ', 'SESSION ('],
  GROUP: ['BY'],
  PARTITION: ['BY'],
  INSERT: ['INTO'],
  LEFT: ['JOIN', 'OUTER JOIN'],
  RIGHT: ['JOIN', 'OUTER JOIN'],
  FULL: ['OUTER JOIN'],
  INNER: ['JOIN'],
  IF: ['NOT EXISTS', 'EXISTS'],
  PRIMARY: ['KEY'],
  ADVANCE: ['BY'],
  GRACE: ['PERIOD'],
  TERMINATE: ['ALL'],
};

/** The words that may follow a clause besides expressions, by the word that began the clause. */
const CLAUSE_WORDS: Readonly<Record<string, readonly string[]>> = {
  SELECT: ['FROM', 'AS', 'CASE', 'WHEN', 'THEN', 'ELSE', 'END', 'CAST', 'NULL', 'TRUE', 'FALSE'],
  FROM: [
    ...['WHERE', 'LEFT JOIN', 'INNER JOIN', 'FULL OUTER JOIN', 'JOIN', 'ON', 'AS', 'WITHIN', 'WINDOW', 'GROUP BY'],
    ...['PARTITION BY', 'EMIT CHANGES', 'LIMIT'],
  ],
  WHERE: [
    ...['AND', 'OR', 'NOT', 'LIKE', 'IN', 'BETWEEN', 'IS NULL', 'IS NOT NULL', 'CAST', 'CASE', 'NULL', 'TRUE', 'FALSE'],
    ...['GROUP BY', 'PARTITION BY', 'WINDOW', 'EMIT CHANGES', 'LIMIT'],
  ],
  WINDOW: [
    'WHERE',
    'GROUP BY',
    'SIZE',
    'ADVANCE BY',
    'GRACE PERIOD',
    'RETENTION',
    'SECONDS',
    'MINUTES',
    'HOURS',
    'DAYS',
  ],
  ON: [
    ...['AND', 'WHERE', 'LEFT JOIN', 'INNER JOIN', 'FULL OUTER JOIN', 'WINDOW', 'GROUP BY', 'PARTITION BY'],
    ...['EMIT CHANGES', 'LIMIT'],
  ],
  BY: ['HAVING', 'EMIT CHANGES', 'EMIT FINAL', 'LIMIT'],
  HAVING: ['AND', 'OR', 'NOT', 'EMIT CHANGES', 'EMIT FINAL', 'LIMIT'],
  EMIT: ['LIMIT'],
  WITHIN: ['SECONDS', 'MINUTES', 'HOURS', 'DAYS', 'GRACE PERIOD', 'ON'],
  VALUES: ['NULL', 'TRUE', 'FALSE'],
};

/** Finds out what may stand at the end of `before`, the text of a statement up to the cursor. */
export function placeAt(before: string): CompletionPlace {
  const all = tokenize(before);
  const last = all.at(-1);
  // The word that is being typed says nothing about what may stand in its place.
  const typing = last !== undefined && last.end === before.length && (last.kind === 'word' || last.open === true);
  const inText = typing && last.kind === 'text';
  const tokens = typing ? all.slice(0, -1) : all;
  if (tokens.length === 0) return inText ? { kind: 'none' } : { kind: 'statement' };
  const first = tokens[0]!.value;
  if (first === 'SET' || first === 'UNSET' || (first === 'ALTER' && tokens[1]?.value === 'SYSTEM'))
    return settingPlace(tokens, inText);
  const properties = withClausePlace(tokens, inText);
  if (properties !== undefined) return properties;
  if (inText) return { kind: 'none' };
  return memberPlace(tokens) ?? wordPlace(tokens) ?? clausePlace(tokens);
}

function settingPlace(tokens: readonly Token[], inText: boolean): CompletionPlace {
  const name = tokens.find((token) => token.kind === 'text')?.value;
  if (tokens.at(-1)?.value === '=' && name !== undefined) return { kind: 'setting-value', name };
  return name === undefined ? { kind: 'setting', inText } : { kind: 'none' };
}

/** Inside `WITH ( … )`. */
function withClausePlace(tokens: readonly Token[], inText: boolean): CompletionPlace | undefined {
  const open = openParenthesis(tokens);
  if (open < 1 || tokens[open - 1]!.value !== 'WITH') return undefined;
  const last = tokens.at(-1)!.value;
  const statement = tokens
    .slice(0, 3)
    .map((token) => token.value)
    .join(' ');
  if (last === '(' || last === ',') return { kind: 'with-name', statement };
  if (last === '=') return { kind: 'with-value', name: tokens.at(-2)!.value.toUpperCase(), inText };
  return { kind: 'none' };
}

function memberPlace(tokens: readonly Token[]): CompletionPlace | undefined {
  const [before, last] = [tokens.at(-2), tokens.at(-1)!];
  if (before === undefined || (before.kind !== 'word' && before.kind !== 'quoted')) return undefined;
  if (last.value === '.' && last.kind === 'symbol') return { kind: 'member', qualifier: before.value };
  if (last.value === '->') return { kind: 'field', column: before.value };
  return undefined;
}

/** Where the last word alone decides. */
function wordPlace(tokens: readonly Token[]): CompletionPlace | undefined {
  const words = tokens.map((token) => (token.kind === 'word' ? token.value : ''));
  const last = words.at(-1)!;
  const before = words.at(-2);
  const first = words[0]!;
  if (last === 'FROM' && first === 'PRINT') return { kind: 'keywords', words: ['BEGINNING'] };
  if (last === 'FROM' && before === 'DISTINCT') return undefined;
  if (last === 'FROM' || last === 'JOIN' || last === 'INTO') return { kind: 'source' };
  if (last === 'PRINT') return { kind: 'topic' };
  if (last === 'DESCRIBE') return { kind: 'source' };
  if (last === 'FUNCTION') return { kind: 'function-name' };
  if (last === 'EXPLAIN') return { kind: 'statement' };
  if (['TERMINATE', 'PAUSE', 'RESUME'].includes(last)) return { kind: 'query' };
  if (first === 'DROP' && (last === 'STREAM' || last === 'TABLE')) return { kind: 'source', of: last };
  if (first === 'DROP' && last === 'EXISTS')
    return { kind: 'source', ...(words[1] === 'STREAM' || words[1] === 'TABLE' ? { of: words[1] } : {}) };
  if (first === 'PRINT' && tokens.length === 2)
    return { kind: 'keywords', words: ['FROM BEGINNING', 'LIMIT', 'INTERVAL'] };
  const follow = AFTER_WORD[last];
  if (follow !== undefined && !(last === 'OR' && before !== 'CREATE') && !(last === 'SOURCE' && before === 'FROM'))
    return { kind: 'keywords', words: follow };
  if (first === 'CREATE' && ['STREAM', 'TABLE', 'CONNECTOR'].includes(last))
    return { kind: 'keywords', words: ['IF NOT EXISTS'], orName: true };
  return undefined;
}

function clausePlace(tokens: readonly Token[]): CompletionPlace {
  const words = tokens.map((token) => (token.kind === 'word' ? token.value : ''));
  const open = openParenthesis(tokens);
  const first = words[0]!;
  const hasQuery = words.includes('SELECT');
  const last = tokens.at(-1)!;
  if (first === 'CREATE' && !hasQuery) {
    if (open >= 0) return columnListPlace(tokens, open);
    if (words.at(-1) === 'AS') return { kind: 'keywords', words: ['SELECT'] };
    return { kind: 'keywords', words: last.value === ')' ? ['WITH ('] : ['AS SELECT', 'WITH (', 'AS'] };
  }
  if (words.includes('CAST') && last.value === 'AS' && open > 0 && words[open - 1] === 'CAST')
    return { kind: 'type', declares: false };
  if (first === 'INSERT' && !hasQuery && !words.includes('VALUES')) {
    if (open >= 0) return { kind: 'column-of-target', target: tokens[2]?.value ?? '' };
    return { kind: 'keywords', words: ['VALUES (', 'SELECT'] };
  }
  if (!hasQuery && first !== 'INSERT') return { kind: 'none' };
  // What stands after AS is a name that does not exist yet.
  if (words.at(-1) === 'AS') return { kind: 'none' };
  const clause = words.findLastIndex((word) => word in CLAUSE_WORDS);
  const follow = CLAUSE_WORDS[words[clause] ?? 'SELECT'] ?? [];
  // After the name of a source comes what goes on with the query, or an alias.
  const isAfterSource =
    ['FROM', 'JOIN'].includes(words.at(-2) ?? '') && (last.kind === 'word' || last.kind === 'quoted');
  return isAfterSource ? { kind: 'keywords', words: follow, orName: true } : { kind: 'expression', words: follow };
}

/** Inside the column list of CREATE: a name, then its type, then what it is. */
function columnListPlace(tokens: readonly Token[], open: number): CompletionPlace {
  const depthOpen = tokens.at(-1)!.value;
  if (depthOpen === '<') return { kind: 'type', declares: false };
  if (depthOpen === '(' || depthOpen === ',') return { kind: 'none' };
  const sinceComma = tokens.length - 1 - tokens.findLastIndex((token, i) => i >= open && /^[(,]$/.test(token.value));
  if (sinceComma === 1) return { kind: 'type', declares: true };
  return { kind: 'keywords', words: ['KEY', 'PRIMARY KEY', 'HEADERS', "HEADER('"] };
}

/** Index of the innermost parenthesis that is open at the end, or -1. */
export function openParenthesis(tokens: readonly Token[]): number {
  let depth = 0;
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i]!;
    if (token.kind !== 'symbol') continue;
    if (token.value === ')') depth++;
    else if (token.value === '(' && depth-- === 0) return i;
  }
  return -1;
}
