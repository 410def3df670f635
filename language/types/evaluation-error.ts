/**
 * A fault met while a value is computed: an overflow, text that does not parse, a division by zero. The expression
 * piece that guards the computation becomes NULL (a predicate becomes false) and the processing log gets the message.
 */
export class EvaluationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EvaluationError';
  }
}
