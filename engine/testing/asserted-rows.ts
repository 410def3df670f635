import { bindExpression } from '../../language/binding/binder.ts';
import type { Scope } from '../../language/binding/scope.ts';
import { FUNCTIONS } from '../../language/functions/catalogue.ts';
import type { AssertNullValues, AssertValues } from '../../language/generated/ast.ts';
import { hasRole, type ParsedStatement } from '../../language/index.ts';
import type { DataSource } from '../../language/metastore/metastore.ts';
import { AnalysisError } from '../../language/text/analysis-error.ts';
import { coercerFor } from '../../language/types/coerce.ts';
import { type Column, rowLayout, type Slot } from '../../language/types/schema.ts';
import { type SqlType, type SqlValue, typeToString } from '../../language/types/sql-type.ts';
import { valueWriter } from '../api/json-row.ts';
import type { CellTexts, RowsDifference } from '../api/rows-difference.ts';
import { compileExpression } from '../compile/expression.ts';
import type { Change } from '../operators/operator.ts';
import { ExpectationError } from './verdict.ts';

/** So many rows of each side are told at most, and so many of them stand before the one that failed. */
const MAX_ROWS = 200;
const ROWS_BEFORE = 100;

type Assertion = AssertValues | AssertNullValues;

/** The columns that values are given for: those that are named, or else every one. @throws ExpectationError */
export function comparedNames({ columns, values }: Assertion, every: readonly Column[]): readonly string[] {
  const names = columns.length > 0 ? columns : every.map(({ name }) => name);
  if (names.length !== values.length)
    throw new ExpectationError(`Expected number columns and values to match: ${names.length}, ${values.length}`);
  return names;
}

/** The columns that an assertion is about unless it names some. */
export const assertedColumns = (node: Assertion, { schema }: DataSource): readonly Column[] =>
  schema.columns.filter(
    ({ namespace }) => namespace === 'key' || (namespace === 'value' && node.$type === 'AssertValues'),
  );

const NO_COLUMNS: Scope = {
  resolve(name) {
    throw new AnalysisError('column-in-values', `Unsupported column reference in assert value: ${name}`);
  },
  hasColumn: () => false,
  rowtime() {
    throw new AnalysisError('column-in-values', 'Unsupported column reference in assert value: ROWTIME');
  },
};

/** The value that an assertion gives, as one of its column's type. @throws ExpectationError, AnalysisError */
export function constantOf(node: Parameters<typeof bindExpression>[0], type: SqlType): SqlValue {
  const functions = { get: (name: string) => FUNCTIONS.get(name), names: () => FUNCTIONS.keys() };
  const expression = bindExpression(node, NO_COLUMNS, { functions, types: new Map() });
  const value = compileExpression(expression, (cause) => {
    throw cause;
  })([]);
  if (value === null) return null;
  const coerce = coercerFor(expression.type, type, 'STRICT');
  if (coerce === undefined)
    throw new ExpectationError(`Expected type ${typeToString(type)} but got ${typeToString(expression.type)}`);
  return coerce(value);
}

/**
 * What the assertions on a source expect, beside the records that it has: those up to the one that failed, and those
 * that follow it before anything else is executed.
 *
 * @param statements of the test
 * @param failed the place of the assertion among them
 * @param changes all records of the source, in order
 */
export function assertedRows(
  statements: readonly ParsedStatement[],
  failed: number,
  source: DataSource,
  changes: Iterable<Change>,
): RowsDifference {
  const { assertions, passed } = assertionsAround(statements, failed);
  const from = Math.max(0, passed - ROWS_BEFORE);
  const shown = assertions.slice(from, from + MAX_ROWS);
  const slots = shownSlots(shown, source);
  const actual: CellTexts[] = [];
  let records = 0;
  for (const change of changes) {
    if (records >= from && actual.length < MAX_ROWS) actual.push(slots.map((slot) => actualText(slot, change, source)));
    records++;
  }
  return {
    source: source.name,
    columns: slots.map(({ name, type, role }) => ({
      name,
      type: typeToString(type),
      isKey: role === 'key' || role === 'windowstart' || role === 'windowend',
    })),
    expected: shown.map((node) => expectedTexts(node, slots, source)),
    actual,
    isPart: shown.length < assertions.length || actual.length < records,
  };
}

/** The assertions on the source of the one that failed, and how many of them were met before. */
function assertionsAround(statements: readonly ParsedStatement[], failed: number) {
  const assertions: Assertion[] = [];
  let passed = 0;
  const { source } = statements[failed]!.node as Assertion;
  for (const [i, { node }] of statements.entries()) {
    if (i > failed && !hasRole(node, 'test')) break;
    if (node?.$type !== 'AssertValues' && node?.$type !== 'AssertNullValues') continue;
    if (node.source !== source) continue;
    assertions.push(node);
    if (i < failed) passed++;
  }
  return { assertions, passed };
}

/** Key and value columns, and of the others those that are named. */
function shownSlots(assertions: readonly Assertion[], source: DataSource): readonly Slot[] {
  const named = new Set(assertions.flatMap(({ columns }) => columns));
  const layout = rowLayout(source.schema, source.window !== undefined);
  const own = source.schema.columns.flatMap(({ name, namespace }) => {
    if (namespace === 'header') return [];
    return layout.filter((slot) => slot.name === name && slot.role === namespace);
  });
  return [...own, ...layout.filter((slot) => named.has(slot.name) && !own.includes(slot))];
}

function expectedTexts(node: Assertion, slots: readonly Slot[], source: DataSource): CellTexts {
  const names = comparedNames(node, assertedColumns(node, source));
  return slots.map(({ name, type, role }) => {
    const value = node.values[names.indexOf(name)];
    if (value !== undefined) return jsonText(type, constantOf(value, type));
    return node.$type === 'AssertNullValues' && role === 'value' ? 'null' : null;
  });
}

function actualText({ name, type, role }: Slot, { key, after, timeMs }: Change, source: DataSource): string {
  if (role === 'rowtime') return String(timeMs);
  if (after === null && role !== 'key') return 'null';
  const columns =
    after === null
      ? source.schema.columns.filter(({ namespace }) => namespace === 'key')
      : rowLayout(source.schema, source.window !== undefined);
  return jsonText(type, (after ?? key)?.[columns.findIndex((column) => column.name === name)] ?? null);
}

const jsonText = (type: SqlType, value: SqlValue): string => (value === null ? 'null' : valueWriter(type)(value));
