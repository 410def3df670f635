import { compileExpression } from '../../../engine/compile/expression.ts';
import { FUNCTIONS } from '../../../language/functions/catalogue.ts';
import type { SqlType, SqlValue } from '../../../language/types/sql-type.ts';
import { typeToString } from '../../../language/types/sql-type.ts';
import { javaToString } from '../../../language/types/value-to-string.ts';
import { bindText, type Fixture } from '../binding/bind-fixture.ts';

/** Columns of the rows that the examples of aggregates speak of. */
export const COLUMNS = { NAME: 'STRING', QUANTITY: 'INTEGER', QUANTITIES: 'ARRAY<INTEGER>' } as const;

export const fixture: Fixture = { columns: COLUMNS, functions: [...FUNCTIONS.values()] };

/** A value with its type. */
export interface Evaluated {
  readonly value: SqlValue;
  readonly type: SqlType;
}

/** Binds an expression with the catalogue, compiles it and runs it. Errors of the evaluation are thrown. */
export function evaluate(text: string, row: readonly SqlValue[] = []): Evaluated {
  const expression = bindText(text, fixture);
  const errors: unknown[] = [];
  const value = compileExpression(expression, (cause) => errors.push(cause))(row as SqlValue[]);
  if (errors.length > 0) throw errors[0];
  return { value, type: expression.type };
}

/** How a value reads, whichever of the numeric types it has. */
export function textOf({ value, type }: Evaluated): string {
  if (value === null) return 'NULL';
  if (type.kind === 'BYTES')
    return Array.from(value as Uint8Array, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return javaToString(value, type);
}

/** The result of an expression as text; `NULL` for an error, as a query would have it. */
export function resultOf(text: string): string {
  const expression = bindText(text, fixture);
  const value = compileExpression(expression, () => {})([]);
  return textOf({ value, type: expression.type });
}

/** The type of an expression as text. */
export const typeOf = (text: string): string => typeToString(bindText(text, fixture).type);
