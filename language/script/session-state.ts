import type { SessionChange } from './session-change.ts';

export interface Variable {
  readonly name: string;
  readonly value: string;
}

/**
 * The settings and variables that hold between two statements: what SET, UNSET, DEFINE and UNDEFINE before have made of
 * them.
 */
export class SessionState {
  readonly properties: Map<string, string>;
  /** By the name in upper case: names of variables ignore case, the first spelling is shown. */
  readonly #variables = new Map<string, Variable>();

  constructor(properties: Iterable<readonly [string, string]>, variables: Iterable<readonly [string, string]> = []) {
    this.properties = new Map(properties);
    for (const [name, value] of variables) this.#define(name, value);
  }

  /** @returns false where there is nothing that it could take away */
  apply(change: SessionChange): boolean {
    switch (change.kind) {
      case 'set':
        this.properties.set(change.name, change.value);
        return true;
      case 'unset':
        return this.properties.delete(change.name);
      case 'define':
        this.#define(change.name, change.value);
        return true;
      case 'undefine':
        return this.#variables.delete(change.name.toUpperCase());
      default:
        return change satisfies never;
    }
  }

  #define(name: string, value: string): void {
    const key = name.toUpperCase();
    this.#variables.set(key, { name: this.#variables.get(key)?.name ?? name, value });
  }

  variable(name: string): string | undefined {
    return this.#variables.get(name.toUpperCase())?.value;
  }

  /** In the order of their names. */
  listVariables(): Variable[] {
    return [...this.#variables.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Names and values, as a request carries them. */
  sentVariables(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.listVariables().map(({ name, value }) => [name, value]));
  }
}
