import type { AlterSystem } from '../../language/generated/ast.ts';
import { EngineError, ERROR_CODE } from '../api/errors.ts';
import type { StatementHandler } from './preparation/statement-handler.ts';

/**
 * ALTER SYSTEM changes settings of ksqlDB's shared runtime, which is off by default there, and which this engine has
 * not.
 */
export const alterSystem: StatementHandler<AlterSystem> = {
  async execute({ text }) {
    const message = `Could not write the statement '${text}' into the command topic.\nCaused by: Cannot alter system configs when KSQL_SHARED_RUNTIME_ENABLED is turned off.`;
    throw new EngineError(ERROR_CODE.serverError, message, { statementText: text });
  },
};
