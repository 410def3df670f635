import { type ErrorCode, stageOf } from '../diagnostics/diagnostic-codes.ts';
import type { DiagnosticStage } from '../diagnostics/diagnostic-entry.ts';
import type { QuickFix } from './diagnostic.ts';
import type { TextRange } from './text-range.ts';

/** What an AST node tells of its place: Langium keeps it in `$cstNode`; generated nodes may have none. */
export interface LocatedNode {
  readonly $cstNode?: { readonly offset: number; readonly end: number } | undefined;
}

/** The text range of an AST node, if it came from text. */
export function rangeOf(node: LocatedNode | undefined): TextRange | undefined {
  const cst = node?.$cstNode;
  return cst ? { start: cst.offset, end: cst.end } : undefined;
}

export interface AnalysisErrorOptions {
  /** The node that is at fault; its range is used unless `range` is given. */
  readonly node?: LocatedNode | undefined;
  readonly range?: TextRange | undefined;
  readonly fixes?: readonly QuickFix[];
  /** What people read instead of the message, which is ksqlDB's. */
  readonly explanation?: string | undefined;
  /** Where ksqlDB finds this fault earlier or later than others of the code. */
  readonly stage?: DiagnosticStage;
  /** The name that the fault is about. */
  readonly subject?: string | undefined;
}

/**
 * A fault in a statement, thrown inside the analyser only: it is caught per statement or per select item and becomes an
 * `error` {@link Diagnostic}, so analysis as a whole never throws.
 */
export class AnalysisError extends Error {
  readonly code: ErrorCode;
  readonly stage: DiagnosticStage;
  readonly range: TextRange | undefined;
  readonly fixes: readonly QuickFix[];
  readonly explanation: string | undefined;
  readonly subject: string | undefined;

  constructor(code: ErrorCode, message: string, options: AnalysisErrorOptions = {}) {
    super(message);
    this.name = 'AnalysisError';
    this.code = code;
    this.stage = options.stage ?? stageOf(code);
    this.range = options.range ?? rangeOf(options.node);
    this.fixes = options.fixes ?? [];
    this.explanation = options.explanation;
    this.subject = options.subject;
  }
}
