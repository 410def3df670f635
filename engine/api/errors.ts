import type { DiagnosticCode } from '../../language/diagnostics/diagnostic-codes.ts';
import type { Entity, ErrorBody } from './protocol.ts';

/** ksqlDB's error codes; the HTTP status is the code divided by 100. */
export const ERROR_CODE = {
  badRequest: 40000,
  badStatement: 40001,
  queryEndpoint: 40002,
  maxPushQueries: 40003,
  http2Only: 40004,
  unauthorized: 40100,
  forbidden: 40300,
  notFound: 40400,
  requestTimeout: 40800,
  conflict: 40900,
  tooLarge: 41300,
  unsupportedMediaType: 41500,
  assertFailed: 41700,
  schemaRegistryMissing: 42801,
  tooManyRequests: 42900,
  serverError: 50000,
  commandSequenceTimeout: 50301,
  notReady: 50302,
  shuttingDown: 50303,
} as const;

/**
 * A failure that a client is told about. With a statement text it is a `statement_error`, which also carries the
 * entities of the statements that were executed before; without one a `generic_error`.
 */
export class EngineError extends Error {
  readonly code: number;
  readonly statementText: string | undefined;
  /** What goes with the code, but for the few that ksqlDB sends with another. */
  readonly httpStatus: number;
  entities: readonly Entity[] = [];
  /** Found by analysis, not by the parser. */
  duringAnalysis = false;
  /** The code of the diagnostic that it comes from. */
  diagnosticCode: DiagnosticCode | undefined;

  constructor(
    code: number,
    message: string,
    options: { statementText?: string | undefined; cause?: unknown; httpStatus?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EngineError';
    this.code = code;
    this.statementText = options.statementText;
    this.httpStatus = options.httpStatus ?? Math.floor(code / 100);
  }

  toBody(): ErrorBody {
    if (this.statementText === undefined)
      return { '@type': 'generic_error', error_code: this.code, message: this.message };
    return {
      '@type': 'statement_error',
      error_code: this.code,
      message: this.message,
      statementText: this.statementText,
      entities: this.entities,
    };
  }
}

/** A `generic_error` with status 400. */
export const badRequest = (message: string): EngineError => new EngineError(ERROR_CODE.badRequest, message);

/** A `generic_error` with status 413, for what is beyond one of the server's limits. */
export const tooLarge = (message: string): EngineError => new EngineError(ERROR_CODE.tooLarge, message);

/** A `statement_error` with status 400. */
export const badStatement = (message: string, statementText: string): EngineError =>
  new EngineError(ERROR_CODE.badStatement, message, { statementText });

/** The message of anything thrown, followed by its distinct causes, one a line. */
export function messageWithCauses(error: unknown): string {
  const messages: string[] = [];
  let current: unknown = error;
  for (let depth = 0; current !== undefined && current !== null && depth < 10; depth++) {
    const message = current instanceof Error ? current.message : String(current);
    if (!messages.some((earlier) => earlier.includes(message))) messages.push(message);
    current = current instanceof Error ? current.cause : undefined;
  }
  return messages.map((message, i) => (i === 0 ? message : `Caused by: ${message}`)).join('\n');
}

/** Anything thrown as an {@link EngineError}; what is not one already is a server error. */
export function asEngineError(error: unknown, statementText?: string): EngineError {
  if (error instanceof EngineError) return error;
  return new EngineError(ERROR_CODE.serverError, messageWithCauses(error), { statementText, cause: error });
}
