import { decimalToJavaString, decimalToString, parseDecimal } from '../../types/decimal.ts';
import { EvaluationError } from '../../types/evaluation-error.ts';

/**
 * A JSON document that keeps what JavaScript's own numbers lose: numbers of any size and with all their digits, and the
 * order of keys (integer-like ones too).
 */
export type JsonNode =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** `text` is as it was written. */
  | { readonly kind: 'number'; readonly text: string; readonly isInteger: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, JsonNode> };

const NULL: JsonNode = { kind: 'null' };
const TRUE: JsonNode = { kind: 'boolean', value: true };
const FALSE: JsonNode = { kind: 'boolean', value: false };
/** Deeper documents are no JSON; the limit is Jackson's. */
export const MAX_JSON_DEPTH = 1000;

const BLANKS = /[ \t\n\r]*/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?(?![\w.])/y;
const BLANK_OR_END = /[ \t\n\r]|$/y;
/** What Jackson takes for a continuation of `true`, `false` and `null`: Java's Character.isJavaIdentifierPart. */
const WORD_PART = /[\p{L}\p{Nl}\p{Nd}\p{Sc}\p{Pc}\p{Mn}\p{Mc}]/uy;

/**
 * Reads the first JSON value of a text; what follows it is not looked at, as Jackson does. The last of several equal
 * keys wins.
 *
 * @returns undefined for a text without a value.
 * @throws EvaluationError when it is not JSON.
 */
export function parseJson(text: string): JsonNode | undefined {
  const reader = new JsonReader(text);
  reader.skipBlanks();
  return reader.atEnd ? undefined : reader.value(0);
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  skipBlanks(): void {
    this.#match(BLANKS);
  }

  value(depth: number): JsonNode {
    if (depth > MAX_JSON_DEPTH) throw this.#invalid();
    this.skipBlanks();
    const character = this.#text[this.#at];
    switch (character) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return { kind: 'string', value: this.#string() };
      case 't':
        return this.#word('true', TRUE);
      case 'f':
        return this.#word('false', FALSE);
      case 'n':
        return this.#word('null', NULL);
      default:
        return this.#number(depth);
    }
  }

  #object(depth: number): JsonNode {
    const fields = new Map<string, JsonNode>();
    this.#at++;
    this.skipBlanks();
    if (this.#take('}')) return { kind: 'object', fields };
    do {
      this.skipBlanks();
      if (this.#text[this.#at] !== '"') throw this.#invalid();
      const key = this.#string();
      this.skipBlanks();
      if (!this.#take(':')) throw this.#invalid();
      fields.set(key, this.value(depth + 1));
      this.skipBlanks();
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#invalid();
    return { kind: 'object', fields };
  }

  #array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.#at++;
    this.skipBlanks();
    if (this.#take(']')) return { kind: 'array', items };
    do {
      items.push(this.value(depth + 1));
      this.skipBlanks();
    } while (this.#take(','));
    if (!this.#take(']')) throw this.#invalid();
    return { kind: 'array', items };
  }

  #string(): string {
    const found = this.#match(STRING);
    if (found === null) throw this.#invalid();
    return JSON.parse(found[0]) as string;
  }

  /** A number that is the whole document must end with a blank, whatever follows that. */
  #number(depth: number): JsonNode {
    const found = this.#match(NUMBER);
    if (found === null || (depth === 0 && !this.#sees(BLANK_OR_END))) throw this.#invalid();
    const isInteger = found[1] === undefined && found[2] === undefined;
    return { kind: 'number', isInteger, text: found[0] };
  }

  #word(word: string, node: JsonNode): JsonNode {
    if (!this.#text.startsWith(word, this.#at)) throw this.#invalid();
    this.#at += word.length;
    if (this.#sees(WORD_PART)) throw this.#invalid();
    return node;
  }

  #sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #invalid(): EvaluationError {
    return new EvaluationError(`Invalid JSON at position ${this.#at + 1}`);
  }
}

/** Jackson writes no decimal without an exponent whose scale is greater. */
const MAX_PLAIN_SCALE = 9999;

/**
 * How numbers with a fraction or an exponent are printed, all their digits kept: plain as Jackson's mapper is told to
 * (`1e3` is `1000`), or as BigDecimal.toString has them (`1E+3`), which JSON_ITEMS and JSON_RECORDS show.
 */
export type NumberForm = 'plain' | 'scientific';

function numberText(text: string, form: NumberForm): string {
  const { unscaled, scale } = parseDecimal(text);
  if (form === 'scientific') return decimalToJavaString(unscaled, scale);
  if (Math.abs(scale) > MAX_PLAIN_SCALE)
    throw new EvaluationError(`The number ${text} is too long without an exponent`);
  return decimalToString(unscaled, scale);
}

/** A document as compact JSON. */
export function printJson(node: JsonNode, numbers: NumberForm = 'plain'): string {
  switch (node.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(node.value);
    case 'number':
      return node.isInteger ? node.text.replace(/^-0$/, '0') : numberText(node.text, numbers);
    case 'string':
      return quoteJson(node.value);
    case 'array':
      return `[${node.items.map((item) => printJson(item, numbers)).join(',')}]`;
    case 'object':
      return `{${Array.from(node.fields, ([key, value]) => `${quoteJson(key)}:${printJson(value, numbers)}`).join(',')}}`;
    default:
      return node satisfies never;
  }
}

/** A text as a JSON string, escaped as Jackson does. */
export const quoteJson = (text: string): string =>
  JSON.stringify(text).replace(/\\(?:u([0-9a-f]{4})|.)/g, (found, code?: string) =>
    code === undefined ? found : `\\u${code.toUpperCase()}`,
  );
