import { ResponseError } from 'vscode-languageserver';

/** Keeps a defect within the request, notification or timer that it shows in. */
export class Guard {
  readonly #log: (text: string) => void;

  /** @param log takes what went wrong, for whoever mends it */
  constructor(log: (text: string) => void) {
    this.#log = log;
  }

  /**
   * The outcome of the work, or `otherwise` where it throws or rejects; that is logged then.
   * @throws ResponseError where the work did: it is no defect, but an answer
   */
  run<T>(title: string, work: () => Promise<T>, otherwise: T): Promise<T>;
  run<T>(title: string, work: () => T, otherwise: T): T;
  run<T>(title: string, work: () => T | Promise<T>, otherwise: T): T | Promise<T> {
    const failed = (error: unknown): T => {
      if (error instanceof ResponseError) throw error;
      this.report(title, error);
      return otherwise;
    };
    try {
      const outcome = work();
      return outcome instanceof Promise ? outcome.catch(failed) : outcome;
    } catch (error) {
      return failed(error);
    }
  }

  /** Logs a defect that was caught elsewhere. */
  report(title: string, error: unknown): void {
    this.#log(`${title} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
