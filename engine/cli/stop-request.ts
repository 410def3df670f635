import { EXIT } from '../script/exit-codes.ts';

/**
 * That this process is to end: asked for by a signal, by the end of the process that it belongs to, or by `make`. Until
 * somebody waits for it there is nothing to flush, so the process ends on the spot: what is written while an engine is
 * opened is whole after a crash, too.
 */
export class StopRequest {
  #act = (): void => process.exit(EXIT.done);
  readonly #make = (): void => this.#act();

  constructor() {
    // Who presses Ctrl+C a second time does not want to wait. Others may ask again, and are not heard.
    process.once('SIGINT', this.#make);
    process.on('SIGTERM', this.#make);
    // A parent that has gone leaves the channel closed behind it, perhaps while this was being loaded. Nobody else
    // would end this.
    if (process.connected === false) this.make();
    else if (process.connected) process.once('disconnect', this.#make);
  }

  make(): void {
    this.#act();
  }

  /** Resolves when the process is to end; from now on it is for the caller to end it. */
  made(): Promise<void> {
    return new Promise((resolve) => {
      this.#act = resolve;
    });
  }

  /** Listens no more, so that the process ends when it has nothing left to do. */
  close(): void {
    process.off('SIGINT', this.#make);
    process.off('SIGTERM', this.#make);
    process.off('disconnect', this.#make);
    if (process.connected) process.disconnect();
  }
}
