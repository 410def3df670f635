import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FileError, StateError } from '../files/file-error.ts';
import { replaceFile, tighten } from '../files/replace-file.ts';
import type { ConnectorConfig } from './configuration/connector.ts';

/** Properties whose values are secrets, by their names. */
const SECRET_NAME = /password|passphrase|secret|token|credential|jaas|user\.info|(?:api|access|private|auth)[-_.]?key/i;
/** Before what was encrypted, in the file. */
const MARK = 'encrypted:';
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts the secrets among a connector's properties for the file that keeps them. The key has a file of its own, for
 * the user of the engine alone: copies of the one without the other tell nothing. Who may read both as that user reads
 * the secrets.
 */
export class SecretBox {
  readonly #keyFile: string;
  #key: Buffer | undefined;

  constructor(keyFile: string) {
    this.#keyFile = keyFile;
  }

  /** @throws FileError when the key cannot be kept */
  close(config: ConnectorConfig): ConnectorConfig {
    return this.#map(config, (name, value) => {
      if (!SECRET_NAME.test(name)) return value;
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, this.#openKey(true), nonce);
      const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
      return MARK + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
    });
  }

  /** @throws StateError that names the property when the key is not the one it was encrypted with */
  open(config: ConnectorConfig): ConnectorConfig {
    return this.#map(config, (name, value) => {
      if (!SECRET_NAME.test(name) || !value.startsWith(MARK)) return value;
      const bytes = Buffer.from(value.slice(MARK.length), 'base64');
      try {
        const decipher = createDecipheriv(ALGORITHM, this.#openKey(false), bytes.subarray(0, NONCE_BYTES));
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch (error) {
        const what = `The property ${name} of connector ${config['name'] ?? '?'} cannot be decrypted with ${this.#keyFile}`;
        throw new StateError(`${what}: put the key back that it was encrypted with.`, { cause: error });
      }
    });
  }

  #map(config: ConnectorConfig, change: (name: string, value: string) => string): ConnectorConfig {
    return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, change(name, value)]));
  }

  #openKey(make: boolean): Buffer {
    if (this.#key !== undefined) return this.#key;
    try {
      this.#key = readFileSync(this.#keyFile);
      tighten(this.#keyFile);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !make)
        throw new FileError(this.#keyFile, 'cannot be read', error);
      const key = randomBytes(KEY_BYTES);
      replaceFile(this.#keyFile, [key]);
      this.#key = key;
    }
    return this.#key;
  }
}
