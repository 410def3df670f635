import { SessionState } from '../../../language/script/session-state.ts';
import { findProperty } from '../../../language/settings/properties.ts';
import type { JsonValue, Properties } from '../../api/protocol.ts';

/** The settings and variables of one request. SET, DEFINE and the like change them for the statements that follow. */
export class Session extends SessionState {
  /** The settings as they were sent, for SHOW QUERIES EXTENDED. */
  readonly sent: Properties;

  constructor(properties: ReadonlyMap<string, string>, sent: Properties, variables: Readonly<Record<string, string>>) {
    super(properties, Object.entries(variables));
    this.sent = sent;
  }

  /** One of nobody: neither settings nor variables. */
  static empty(): Session {
    return new Session(new Map(), {}, {});
  }

  /** A copy that can be changed without changing this one. */
  copy(): Session {
    return new Session(this.properties, this.sent, this.sentVariables());
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
