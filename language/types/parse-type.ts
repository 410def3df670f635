import { invalidDecimal } from './decimal.ts';
import {
  array,
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  DOUBLE,
  decimal,
  INTEGER,
  map,
  type SqlType,
  STRING,
  type StructField,
  struct,
  TIME,
  TIMESTAMP,
} from './sql-type.ts';

/** The primitive types by every name that ksqlDB knows them by. */
export const PRIMITIVE_TYPES: ReadonlyMap<string, SqlType> = new Map([
  ['BOOLEAN', BOOLEAN],
  ['INT', INTEGER],
  ['INTEGER', INTEGER],
  ['BIGINT', BIGINT],
  ['DOUBLE', DOUBLE],
  ['VARCHAR', STRING],
  ['STRING', STRING],
  ['DATE', DATE],
  ['TIME', TIME],
  ['TIMESTAMP', TIMESTAMP],
  ['BYTES', BYTES],
]);

/** A text that is no type. */
export class TypeSyntaxError extends Error {}

/** Finds a custom type by its name. */
export type TypeResolver = (name: string) => SqlType | undefined;

/**
 * The type that a text names, e.g. `ARRAY<STRUCT<a INT, b DECIMAL(4, 2)>>`. Names are case-insensitive unless quoted.
 * @throws TypeSyntaxError when the text is no type or names an unknown one (`Cannot resolve unknown type: X`).
 */
export function parseType(text: string, resolve: TypeResolver = () => undefined): SqlType {
  const reader = new TypeReader(text, resolve);
  const type = reader.type();
  reader.expectEnd();
  return type;
}

const TOKEN = /\s*(?:`((?:[^`]|``)*)`|"((?:[^"]|"")*)"|([A-Za-z_0-9@]+)|([<>(),]))/y;

interface Token {
  readonly text: string;
  readonly quoted: boolean;
  readonly end: number;
}

class TypeReader {
  readonly #text: string;
  readonly #resolve: TypeResolver;
  #position = 0;

  constructor(text: string, resolve: TypeResolver) {
    this.#text = text;
    this.#resolve = resolve;
  }

  type(): SqlType {
    let type = this.#prefixType();
    // The postfix form: `INT ARRAY`.
    while (this.#accept('ARRAY')) type = array(type);
    return type;
  }

  expectEnd(): void {
    if (this.#text.slice(this.#position).trim() !== '') throw this.#unexpected();
  }

  #prefixType(): SqlType {
    const { text, quoted } = this.#next();
    const name = text.toUpperCase();
    if (!quoted && name === 'ARRAY' && this.#accept('<')) return this.#closing(array(this.type()));
    if (!quoted && name === 'MAP' && this.#accept('<')) {
      const key = this.type();
      this.#expect(',');
      return this.#closing(map(key, this.type()));
    }
    if (!quoted && name === 'STRUCT' && this.#accept('<')) return this.#closing(struct(this.#fields()));
    if (!quoted && (name === 'DECIMAL' || name === 'DEC')) return this.#decimal();
    const type = PRIMITIVE_TYPES.get(name) ?? this.#resolve(name);
    if (!type) throw new TypeSyntaxError(`Cannot resolve unknown type: ${quoted ? text : name}`);
    // Parameters of other types, as in VARCHAR(10), mean nothing.
    if (this.#accept('(')) while (!this.#accept(')')) this.#next();
    return type;
  }

  #decimal(): SqlType {
    this.#expect('(');
    const precision = Number(this.#next().text);
    this.#expect(',');
    const scale = Number(this.#next().text);
    this.#expect(')');
    if (!Number.isInteger(precision) || !Number.isInteger(scale)) throw this.#unexpected();
    const problem = invalidDecimal(precision, scale);
    if (problem) throw new TypeSyntaxError(problem);
    return decimal(precision, scale);
  }

  #fields(): StructField[] {
    const fields: StructField[] = [];
    if (this.#peek()?.text === '>') return fields;
    do {
      const { text, quoted } = this.#next();
      fields.push({ name: quoted ? text : text.toUpperCase(), type: this.type() });
    } while (this.#accept(','));
    return fields;
  }

  #closing(type: SqlType): SqlType {
    this.#expect('>');
    return type;
  }

  #peek(): Token | undefined {
    TOKEN.lastIndex = this.#position;
    const match = TOKEN.exec(this.#text);
    if (!match) return undefined;
    const quoted = match[1] ?? match[2];
    const quote = match[1] === undefined ? '"' : '`';
    return {
      text: quoted === undefined ? (match[3] ?? match[4]!) : quoted.replaceAll(quote + quote, quote),
      quoted: quoted !== undefined,
      end: TOKEN.lastIndex,
    };
  }

  #next(): Token {
    const token = this.#peek();
    if (!token) throw this.#unexpected();
    this.#position = token.end;
    return token;
  }

  #accept(text: string): boolean {
    const token = this.#peek();
    if (!token || token.quoted || token.text.toUpperCase() !== text) return false;
    this.#position = token.end;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#unexpected();
  }

  #unexpected(): TypeSyntaxError {
    return new TypeSyntaxError(`'${this.#text}' is not a type (at offset ${this.#position})`);
  }
}
