import path from 'node:path';
import type { StateFileOptions } from './state-file.ts';

/** `memory`: the file is read into memory as a whole; `disk`: memory has only parts of it. */
export type StateStoreKind = 'memory' | 'disk';

/** The file of a state. */
export interface StateFileChoice extends StateFileOptions {
  readonly path: string;
  /** `memory` where it is absent. */
  readonly kind?: StateStoreKind;
  /** The file of the other kind: what it holds, from before the setting was changed, is taken over. */
  readonly otherPath?: string;
}

/** The server setting that chooses. */
export const STATE_STORE_PROPERTY = 'ksql.workbench.state.store';

const KINDS: readonly string[] = ['memory', 'disk'] satisfies StateStoreKind[];

/**
 * @param name of the file, without what its kind adds
 * @param setting what the server says of {@link STATE_STORE_PROPERTY}
 * @throws Error for what is no kind
 */
export function stateFileChoice(
  directory: string,
  name: string,
  setting: string | undefined,
  options: StateFileOptions,
): StateFileChoice {
  const kind = (setting ?? 'memory').trim().toLowerCase();
  if (!KINDS.includes(kind)) throw new Error(`${STATE_STORE_PROPERTY} is '${setting}': give ${KINDS.join(' or ')}.`);
  const [inMemory, onDisk] = [`${name}.state`, `${name}.db`].map((file) => path.join(directory, file));
  return kind === 'disk'
    ? { ...options, kind: 'disk', path: onDisk!, otherPath: inMemory! }
    : { ...options, kind: 'memory', path: inMemory!, otherPath: onDisk! };
}
