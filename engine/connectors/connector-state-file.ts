import path from 'node:path';
import { readJsonFile } from '../files/json-file.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { ConnectorConfig } from './configuration/connector.ts';
import { SecretBox } from './secret-box.ts';

/** What is kept of a connector. */
export interface ConnectorRecord {
  readonly name: string;
  readonly config: ConnectorConfig;
  /** How many records it had written. */
  readonly position: number;
  readonly paused: boolean;
}

const ADVICE =
  'It lists the connectors and how far they have come. Put a copy of it back, or move it away to begin without connectors';

/** The file that keeps connectors over restarts, passwords and keys among their properties encrypted. */
export class ConnectorStateFile {
  readonly #file: string;
  readonly #secrets: SecretBox;
  #written = '';

  constructor(file: string) {
    this.#file = file;
    this.#secrets = new SecretBox(path.join(path.dirname(file), 'secrets.key'));
  }

  /** @throws Error that names the file when it cannot be read */
  read(): readonly ConnectorRecord[] {
    const records = readJsonFile<readonly ConnectorRecord[]>(this.#file, ADVICE) ?? [];
    return records.map((record) => ({ ...record, config: this.#secrets.open(record.config) }));
  }

  /** Replaces it as a whole, where anything has changed. @throws FileError; then the old one stands */
  write(records: readonly ConnectorRecord[]): void {
    const text = JSON.stringify(records);
    if (text === this.#written) return;
    const closed = records.map((record) => ({ ...record, config: this.#secrets.close(record.config) }));
    replaceFile(this.#file, JSON.stringify(closed));
    this.#written = text;
  }
}
