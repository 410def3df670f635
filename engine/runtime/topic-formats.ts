import { doubleToString } from '../../language/types/java-double.ts';

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
const isFramed = (bytes: Uint8Array) => bytes.length > 5 && bytes[0] === 0;

/** ksqlDB's candidates in its order; the first that is left formats the data. */
const CANDIDATES: readonly GuessedFormat[] = [
  { name: 'AVRO', accepts: isFramed, print: (bytes) => Buffer.from(bytes.subarray(5)).toString('base64') },
  { name: 'JSON', accepts: isJson, print: asText },
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
  { name: 'KAFKA_STRING', accepts: (bytes) => textOf(bytes) !== undefined, print: asText },
  {
    name: 'UNRECOGNISED_BYTES',
    accepts: () => true,
    print: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' '),
  },
];

const NO_DATA = '¯\\_(ツ)_/¯ - no data processed';

/** Guesses the formats of a topic's keys and values by elimination. */
export class TopicFormats {
  #keys = CANDIDATES;
  #values = CANDIDATES;
  #keySeen = false;
  #valueSeen = false;
  #told = '';

  get key(): GuessedFormat {
    return this.#keys[0]!;
  }

  get value(): GuessedFormat {
    return this.#values[0]!;
  }

  /** Takes a record into account. @returns the lines to print when the guess is another than before */
  learn(key: Uint8Array | null, value: Uint8Array | null): readonly string[] | undefined {
    if (key !== null) {
      this.#keySeen = true;
      this.#keys = this.#keys.filter((format) => format.accepts(key));
    }
    if (value !== null) {
      this.#valueSeen = true;
      this.#values = this.#values.filter((format) => format.accepts(value));
    }
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
  const known = formats.filter(({ name }) => name !== 'UNRECOGNISED_BYTES');
  return (known.length === 0 ? formats : known).map(({ name }) => name).join(' or ');
};
