import type { TableFunctionCall } from '../../language/binding/expression.ts';
import type { SqlValue } from '../../language/types/sql-type.ts';
import type { ProcessingLog, Row } from '../operators/operator.ts';
import { compileExpression } from './expression.ts';
import { SYSTEM_ENVIRONMENT } from './function-environment.ts';

/** Compiles a table function of a projection: the values it gives for a row; none where it fails. */
export function compileTableFunction(
  call: TableFunctionCall,
  context: string,
  log: ProcessingLog,
): (row: Row) => readonly SqlValue[] {
  const name = call.definition.name;
  const implementation = call.overload.implement(call.site, SYSTEM_ENVIRONMENT);
  const args = call.args.map((argument) => {
    if (argument.kind === 'unit') return () => argument.unit;
    if (argument.kind === 'lambda') throw new TypeError('Table functions take no lambdas');
    const { expression } = argument;
    return compileExpression(expression, (cause, row) =>
      log.recordProcessingError(
        context,
        `Error computing expression ${expression.text} for table function ${name}`,
        cause,
        row,
      ),
    );
  });
  return (row) => {
    try {
      const rows = implementation(...args.map((argument) => argument(row))) as readonly SqlValue[] | null;
      if (rows !== null) return rows;
      log.recordProcessingError(context, `Table function ${name} returned null. This is invalid.`, undefined, row);
    } catch (cause) {
      log.recordProcessingError(context, `Table function ${name} threw an exception`, cause, row);
    }
    return [];
  };
}
