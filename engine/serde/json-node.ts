import { decimalToJavaString, parseDecimal } from '../../language/types/decimal.ts';

/** A JSON document as Jackson's tree has it: numbers keep their text, and the last of several equal keys wins. */
export type JsonNode =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly elements: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, JsonNode> };

const NULL: JsonNode = { kind: 'null' };
const TRUE: JsonNode = { kind: 'boolean', value: true };
const FALSE: JsonNode = { kind: 'boolean', value: false };

const BLANKS = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
const LITERAL = /null|true|false/y;

/**
 * The first JSON value of a text; what follows it is not looked at. Undefined when there is nothing but blanks.
 * @throws SyntaxError
 */
export function parseJson(text: string): JsonNode | undefined {
  const parser = new JsonParser(text);
  return parser.atEnd() ? undefined : parser.value();
}

class JsonParser {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#match(BLANKS);
    return this.#position === this.#text.length;
  }

  value(): JsonNode {
    this.#match(BLANKS);
    switch (this.#text[this.#position]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return { kind: 'string', value: this.#string() };
      default: {
        const number = this.#match(NUMBER);
        if (number) return { kind: 'number', text: number };
        const literal = this.#match(LITERAL);
        if (literal) return literal === 'null' ? NULL : literal === 'true' ? TRUE : FALSE;
        return this.#fail();
      }
    }
  }

  #object(): JsonNode {
    const fields = new Map<string, JsonNode>();
    this.#position++;
    if (this.#accept('}')) return { kind: 'object', fields };
    do {
      this.#match(BLANKS);
      const key = this.#string();
      if (!this.#accept(':')) this.#fail();
      fields.set(key, this.value());
    } while (this.#accept(','));
    if (!this.#accept('}')) this.#fail();
    return { kind: 'object', fields };
  }

  #array(): JsonNode {
    const elements: JsonNode[] = [];
    this.#position++;
    if (this.#accept(']')) return { kind: 'array', elements };
    do elements.push(this.value());
    while (this.#accept(','));
    if (!this.#accept(']')) this.#fail();
    return { kind: 'array', elements };
  }

  #string(): string {
    const token = this.#match(STRING);
    return token === undefined ? this.#fail() : (JSON.parse(token) as string);
  }

  #accept(char: string): boolean {
    this.#match(BLANKS);
    if (this.#text[this.#position] !== char) return false;
    this.#position++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.#position = pattern.lastIndex;
    return match[0];
  }

  #fail(): never {
    const char = this.#text[this.#position];
    throw new SyntaxError(
      char === undefined
        ? 'Unexpected end-of-input'
        : `Unexpected character (${JSON.stringify(char)}) at position ${this.#position}`,
    );
  }
}

/** The name of Jackson's class for the node, which ksqlDB's messages mention. */
export function nodeClass(node: JsonNode | undefined): string {
  switch (node?.kind) {
    case undefined:
      return 'MissingNode';
    case 'null':
      return 'NullNode';
    case 'boolean':
      return 'BooleanNode';
    case 'string':
      return 'TextNode';
    case 'array':
      return 'ArrayNode';
    case 'object':
      return 'ObjectNode';
    case 'number': {
      if (!isIntegral(node.text)) return 'DecimalNode';
      const value = BigInt(node.text);
      if (BigInt.asIntN(32, value) === value) return 'IntNode';
      return BigInt.asIntN(64, value) === value ? 'LongNode' : 'BigIntegerNode';
    }
    default:
      return node satisfies never;
  }
}

/** Whether a number has neither fraction nor exponent. */
export function isIntegral(text: string): boolean {
  return !/[.eE]/.test(text);
}

/** The integer part of a number; of a very large one only the low 64 bits are right. */
export function truncatedInteger(text: string): bigint {
  if (isIntegral(text)) return BigInt(text);
  const { unscaled, scale } = parseDecimal(text);
  // The low 64 bits of 10^64 and beyond are zero, and only they count.
  if (scale <= 0) return scale < -64 ? 0n : unscaled * 10n ** BigInt(-scale);
  return scale > unscaled.toString().length ? 0n : unscaled / 10n ** BigInt(scale);
}

/** A number as Jackson prints it as text: `1.50`, and `1E+3` for 1e3 as `BigDecimal.toString` has it. */
export function numberText(text: string): string {
  if (isIntegral(text)) return text === '-0' ? '0' : text;
  const { unscaled, scale } = parseDecimal(text);
  return decimalToJavaString(unscaled, scale);
}

/**
 * The node as compact JSON.
 * @param number how numbers are written; as they were, unless Jackson is to have had its way with them
 */
export function compactJson(node: JsonNode, number: (text: string) => string = (text) => text): string {
  switch (node.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(node.value);
    case 'number':
      return number(node.text);
    case 'string':
      return JSON.stringify(node.value);
    case 'array':
      return `[${node.elements.map((element) => compactJson(element, number)).join(',')}]`;
    case 'object': {
      const field = ([key, value]: readonly [string, JsonNode]) =>
        `${JSON.stringify(key)}:${compactJson(value, number)}`;
      return `{${[...node.fields].map(field).join(',')}}`;
    }
    default:
      return node satisfies never;
  }
}

/**
 * The node read as a STRING: scalars as text, objects as compact JSON, arrays as the text of a Java list, `[a, null, 1]`.
 */
export function nodeText(node: JsonNode): string {
  switch (node.kind) {
    case 'string':
      return node.value;
    case 'array':
      return `[${node.elements.map(nodeText).join(', ')}]`;
    default:
      return compactJson(node, numberText);
  }
}
