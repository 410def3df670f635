import { findProperty } from '../../../language/settings/properties.ts';
import type { JsonValue, Properties } from '../../api/protocol.ts';

/** The settings and variables of one request. SET, DEFINE and the like change them for the statements that follow. */
export class Session {
  readonly properties: Map<string, string>;
  /** The settings as they were sent, for SHOW QUERIES EXTENDED. */
  readonly sent: Properties;
  /** By the name in lower case: names of variables ignore case, the first spelling is shown. */
  readonly #variables: Map<string, { readonly name: string; readonly value: string }>;

  constructor(properties: ReadonlyMap<string, string>, sent: Properties, variables: Readonly<Record<string, string>>) {
    this.properties = new Map(properties);
    this.sent = sent;
    this.#variables = new Map();
    for (const [name, value] of Object.entries(variables)) this.define(name, value);
  }

  /** One of nobody: neither settings nor variables. */
  static empty(): Session {
    return new Session(new Map(), {}, {});
  }

  /** A copy that can be changed without changing this one. */
  copy(): Session {
    return new Session(
      this.properties,
      this.sent,
      Object.fromEntries(this.listVariables().map(({ name, value }) => [name, value])),
    );
  }

  define(name: string, value: string): void {
    const key = name.toLowerCase();
    this.#variables.set(key, { name: this.#variables.get(key)?.name ?? name, value });
  }

  /** @returns whether it was defined */
  undefine(name: string): boolean {
    return this.#variables.delete(name.toLowerCase());
  }

  variable(name: string): string | undefined {
    return this.#variables.get(name.toLowerCase())?.value;
  }

  /** In the order of their names. */
  listVariables(): { readonly name: string; readonly value: string }[] {
    return [...this.#variables.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The settings in the form that they were sent in; what SET has set is text. */
  overriddenProperties(): Record<string, JsonValue> {
    const overridden: Record<string, JsonValue> = {};
    for (const [name, value] of this.properties) overridden[name] = this.sent[name] ?? value;
    return overridden;
  }

  /** The settings with the types of their properties, as a running query tells them. */
  typedProperties(): Record<string, JsonValue> {
    const typed: Record<string, JsonValue> = {};
    for (const [name, value] of this.properties) typed[name] = typedValue(name, value);
    return typed;
  }
}

function typedValue(name: string, value: string): JsonValue {
  switch (findProperty(name)?.type) {
    case 'BOOLEAN':
      return value.trim().toLowerCase() === 'true';
    case 'INT':
    case 'SHORT':
    case 'LONG':
    case 'DOUBLE':
      return Number(value);
    default:
      return value;
  }
}
