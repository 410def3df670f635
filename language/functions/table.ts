import { EvaluationError } from '../types/evaluation-error.ts';
import type { SqlType, SqlValue } from '../types/sql-type.ts';
import { p, t } from './define.ts';
import { type ArgumentType, FunctionTypeError, type TableFunction } from './function.ts';

const T = t.generic('T');
const CUBE_LIMIT = 20;

function elementOf(list: ArgumentType): SqlType {
  if (list?.kind === 'ARRAY') return list.element;
  throw new FunctionTypeError('The type of the NULL given to EXPLODE is not known: CAST(NULL AS ARRAY<STRING>)');
}

const EXPLODE: TableFunction = {
  kind: 'table',
  name: 'EXPLODE',
  spelling: 'explode',
  category: 'TABLE',
  summary: 'A row for each element of an array; NULL elements give rows too, a NULL array none.',
  overloads: [
    {
      parameters: [p('list', t.array(T))],
      returns: T,
      implement: () => (list: readonly SqlValue[] | null) => list ?? [],
    },
    {
      parameters: [p('input', t.array(t.decimal))],
      returns: ([list]) => elementOf(list ?? null),
      implement: () => (list: readonly SqlValue[] | null) => list ?? [],
    },
  ],
  examples: [{ call: 'EXPLODE(ARRAY[1, 2])', result: '1' }],
};

const CUBE_EXPLODE: TableFunction = {
  kind: 'table',
  name: 'CUBE_EXPLODE',
  spelling: 'cube_explode',
  category: 'TABLE',
  summary: 'A row for each combination of keeping elements of an array or making them NULL.',
  details:
    'In binary order, from all NULL to the full array. Combinations that NULL elements make redundant are left out.',
  overloads: [
    {
      parameters: [p('columns', t.array(T))],
      returns: t.array(T),
      implement: () => cube,
    },
  ],
  examples: [{ call: 'CUBE_EXPLODE(ARRAY[1, 2])', result: 'ARRAY[CAST(NULL AS INT), CAST(NULL AS INT)]' }],
};

function cube(columns: readonly SqlValue[] | null): readonly SqlValue[] {
  if (columns === null) return [];
  const width = columns.length;
  if (width > CUBE_LIMIT) throw new EvaluationError(`cube_explode: too many columns (${width}); max is ${CUBE_LIMIT}`);
  const rows: SqlValue[] = [];
  for (let bits = 0; bits < 2 ** width; bits++) {
    // Keeping an element that is NULL anyway gives a combination that is there already.
    if (columns.some((value, i) => value === null && bits & (1 << (width - 1 - i)))) continue;
    rows.push(columns.map((value, i) => (bits & (1 << (width - 1 - i)) ? value : null)));
  }
  return rows;
}

export const TABLE_FUNCTIONS: readonly TableFunction[] = [EXPLODE, CUBE_EXPLODE];
