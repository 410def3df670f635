import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ConnectorConfig } from './connector.ts';

/** What is kept of a connector. */
export interface ConnectorRecord {
  readonly name: string;
  readonly config: ConnectorConfig;
  /** How many records it had written. */
  readonly position: number;
  readonly paused: boolean;
}

/** The file that keeps connectors over restarts. It is replaced as a whole, so a reader never sees half of it. */
export class ConnectorStateFile {
  readonly #file: string;
  #written = '';

  constructor(file: string) {
    this.#file = file;
  }

  read(): readonly ConnectorRecord[] {
    return existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, 'utf8')) as ConnectorRecord[]) : [];
  }

  write(records: readonly ConnectorRecord[]): void {
    const text = JSON.stringify(records);
    if (text === this.#written) return;
    const next = `${this.#file}.next`;
    writeFileSync(next, text);
    renameSync(next, this.#file);
    this.#written = text;
  }
}
