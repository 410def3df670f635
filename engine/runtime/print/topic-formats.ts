import { doubleToString } from '../../../language/types/java-double.ts';
import type { SchemaPrinter } from './schema-printer.ts';

/** A format that the bytes seen so far may be in. */
export interface GuessedFormat {
  readonly name: string;
  accepts(bytes: Uint8Array): boolean;
  print(bytes: Uint8Array): string;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function isJson(bytes: Uint8Array): boolean {
  const text = textOf(bytes);
  if (text === undefined || !/^\s*[{["tfn\d-]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const asText = (bytes: Uint8Array): string => textOf(bytes) ?? '';

/** Kafka's text of bytes: ASCII as it is, all else in hexadecimal. */
export const UNRECOGNISED: GuessedFormat = {
  name: ' does not match any supported format. It may be a STRING with encoding other than UTF8, or some other format.',
  accepts: () => true,
  print: (bytes) =>
    Array.from(bytes, (byte) =>
      byte >= 0x20 && byte < 0x7f && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
};

/** ksqlDB's candidates in its order; the first that is left formats the data. */
function plainFormats(schemas: SchemaPrinter): readonly GuessedFormat[] {
  const registered = (name: string, type: 'AVRO' | 'PROTOBUF' | 'JSON'): GuessedFormat => ({
    name,
    accepts: (bytes) => schemas.canPrint(bytes, type),
    print: (bytes) => schemas.print(bytes),
  });
  return [
    registered('AVRO', 'AVRO'),
    registered('PROTOBUF', 'PROTOBUF'),
    { name: 'JSON', accepts: isJson, print: asText },
    registered('JSON_SR', 'JSON'),
    { name: 'KAFKA_INT', accepts: (bytes) => bytes.length === 4, print: (bytes) => String(view(bytes).getInt32(0)) },
    {
      name: 'KAFKA_BIGINT',
      accepts: (bytes) => bytes.length === 8,
      print: (bytes) => String(view(bytes).getBigInt64(0)),
    },
    {
      name: 'KAFKA_DOUBLE',
      accepts: (bytes) => bytes.length === 8,
      print: (bytes) => doubleToString(view(bytes).getFloat64(0)),
    },
    // As in ksqlDB no bytes at all are no text.
    { name: 'KAFKA_STRING', accepts: (bytes) => bytes.length > 0 && textOf(bytes) !== undefined, print: asText },
  ];
}

/** Times beyond this (the year 2200) are no window bounds but bytes that mean something else. */
const LATEST_WINDOW_MS = 7_258_118_400_000;
const isWindowTime = (timeMs: number): boolean => timeMs >= 0 && timeMs < LATEST_WINDOW_MS;
const timeAt = (bytes: Uint8Array, fromEnd: number): number => Number(view(bytes).getBigInt64(bytes.length - fromEnd));

/** Keys with a window behind them: a session has two times there, a time window one, and nothing tells its kind. */
function windowedFormats(inner: readonly GuessedFormat[]): readonly GuessedFormat[] {
  const session = inner.map(
    ({ name, accepts, print }): GuessedFormat => ({
      name: `SESSION(${name})`,
      accepts: (bytes) =>
        bytes.length > 16 &&
        isWindowTime(timeAt(bytes, 8)) &&
        isWindowTime(timeAt(bytes, 16)) &&
        timeAt(bytes, 8) <= timeAt(bytes, 16) &&
        accepts(bytes.subarray(0, -16)),
      print: (bytes) => `[${print(bytes.subarray(0, -16))}@${timeAt(bytes, 8)}/${timeAt(bytes, 16)}]`,
    }),
  );
  const timed = (kind: string): GuessedFormat[] =>
    inner.map(({ name, accepts, print }) => ({
      name: `${kind}(${name})`,
      accepts: (bytes) => bytes.length > 8 && isWindowTime(timeAt(bytes, 8)) && accepts(bytes.subarray(0, -8)),
      print: (bytes) => `[${print(bytes.subarray(0, -8))}@${timeAt(bytes, 8)}/-]`,
    }));
  return [...session, ...timed('HOPPING'), ...timed('TUMBLING')];
}

/** All formats that bytes can be printed in, by name; those with a window are of keys. */
export function printableFormats(schemas: SchemaPrinter): ReadonlyMap<string, GuessedFormat> {
  const plain = plainFormats(schemas);
  return new Map([...plain, ...windowedFormats(plain)].map((format) => [format.name, format]));
}

const NO_DATA = '¯\\_(ツ)_/¯ - no data processed';

/** Guesses the formats of a topic's keys and values by elimination. */
export class TopicFormats {
  #keys: readonly GuessedFormat[];
  #values: readonly GuessedFormat[];
  #keySeen = false;
  #valueSeen = false;
  #told = '';

  constructor(schemas: SchemaPrinter) {
    this.#values = plainFormats(schemas);
    this.#keys = [...windowedFormats(this.#values), ...this.#values];
  }

  get key(): GuessedFormat {
    return this.#keys[0] ?? UNRECOGNISED;
  }

  get value(): GuessedFormat {
    return this.#values[0] ?? UNRECOGNISED;
  }

  /** Takes a record into account. */
  learn(key: Uint8Array | null, value: Uint8Array | null): void {
    if (key !== null) {
      this.#keySeen = true;
      this.#keys = this.#keys.filter((format) => format.accepts(key));
    }
    if (value !== null) {
      this.#valueSeen = true;
      this.#values = this.#values.filter((format) => format.accepts(value));
    }
  }

  /** The names of what the bytes seen so far may be in, the likeliest first; none where nothing fits. */
  get candidates(): { readonly keys: readonly string[]; readonly values: readonly string[] } {
    const names = (formats: readonly GuessedFormat[], seen: boolean) => (seen ? formats.map(({ name }) => name) : []);
    return { keys: names(this.#keys, this.#keySeen), values: names(this.#values, this.#valueSeen) };
  }

  /** The lines to print when the guess is another than was told last. */
  news(): readonly string[] | undefined {
    const lines = [
      `Key format: ${describe(this.#keys, this.#keySeen)}`,
      `Value format: ${describe(this.#values, this.#valueSeen)}`,
    ];
    const told = lines.join('\n');
    if (told === this.#told) return undefined;
    this.#told = told;
    return lines;
  }
}

const describe = (formats: readonly GuessedFormat[], seen: boolean): string => {
  if (!seen) return NO_DATA;
  return formats.length === 0 ? UNRECOGNISED.name : formats.map(({ name }) => name).join(' or ');
};
