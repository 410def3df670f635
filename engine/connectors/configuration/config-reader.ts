import { type ConnectorConfig, ConnectorError } from './connector.ts';

/**
 * Reads the properties `P` that a connector declares, and collects what is wrong, so that one message names everything.
 */
export class ConfigReader<P extends string> {
  readonly #config: ConnectorConfig;
  readonly #problems: string[] = [];

  constructor(config: ConnectorConfig) {
    this.#config = config;
  }

  text(name: P): string | undefined {
    return this.#config[name];
  }

  required(name: P): string {
    const value = this.#config[name]?.trim();
    if (!value) this.problem(`Missing required configuration "${name}" which has no default value.`);
    return value ?? '';
  }

  /** A number of at least `least`; whole unless said otherwise. */
  number(name: P, fallback: number, least: number, whole = true): number {
    const text = this.#config[name];
    if (text === undefined) return fallback;
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < least || (whole && !Number.isInteger(value))) {
      const kind = whole ? 'a whole number' : 'a number';
      this.problem(`Invalid value ${text} for configuration ${name}: give ${kind} of at least ${least}.`);
      return fallback;
    }
    return value;
  }

  flag(name: P, fallback: boolean): boolean {
    const text = this.#config[name]?.toLowerCase();
    if (text === undefined) return fallback;
    if (text !== 'true' && text !== 'false') {
      this.problem(`Invalid value ${text} for configuration ${name}: give true or false.`);
    }
    return text === 'true';
  }

  oneOf<T extends string>(name: P, choices: readonly T[], fallback: T): T {
    const text = this.#config[name];
    const choice = text === undefined ? fallback : choices.find((each) => each.toLowerCase() === text.toLowerCase());
    if (choice === undefined) {
      this.problem(`Invalid value ${text} for configuration ${name}: give one of ${choices.join(', ')}.`);
    }
    return choice ?? fallback;
  }

  problem(message: string): void {
    this.#problems.push(message);
  }

  /** @throws ConnectorError with everything that was found wrong */
  check(): void {
    if (this.#problems.length > 0) throw new ConnectorError(this.#problems.join('\n'), 'invalid-config');
  }
}
