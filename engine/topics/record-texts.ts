import type { Broker } from '../broker/broker.ts';
import type { RecordCursor } from '../broker/record-batch.ts';
import { SchemaPrinter } from '../runtime/print/schema-printer.ts';
import { type GuessedFormat, printableFormats, TopicFormats, UNRECOGNISED } from '../runtime/print/topic-formats.ts';
import type { SchemaRegistry } from '../serde/registry/schema-registry.ts';

/** So many records from both ends of each partition are looked at before the formats are guessed. */
const SAMPLED_RECORDS = 50;
const SAMPLE_BYTES = 64 * 1024;
/** A topic of many partitions is known by some of them. */
const SAMPLED_PARTITIONS = 8;

/** What the user says of the formats; what is absent is guessed. */
export interface ChosenFormats {
  readonly keyFormat?: string | undefined;
  readonly valueFormat?: string | undefined;
}

/**
 * Keys and values of a topic as texts, in the formats that PRINT would guess or that were chosen. A payload that is in
 * another format is shown byte by byte.
 */
export class RecordTexts {
  readonly #schemas: SchemaPrinter;
  readonly #guess: TopicFormats;
  readonly #formats: ReadonlyMap<string, GuessedFormat>;
  readonly #chosen: ChosenFormats;
  /** JSON values that were met first. */
  readonly sample: unknown[] = [];

  private constructor(topic: string, registry: SchemaRegistry | undefined, chosen: ChosenFormats) {
    this.#schemas = new SchemaPrinter(topic, registry);
    this.#guess = new TopicFormats(this.#schemas);
    this.#formats = printableFormats(this.#schemas);
    this.#chosen = chosen;
  }

  /** Guesses by some of the records. @throws BrokerError */
  static async open(
    topic: string,
    { broker, registry }: { readonly broker: Broker; readonly registry?: SchemaRegistry | undefined },
    chosen: ChosenFormats = {},
  ): Promise<RecordTexts> {
    const texts = new RecordTexts(topic, registry, chosen);
    for (const { partition, earliest, latest } of (await broker.offsets(topic)).slice(0, SAMPLED_PARTITIONS)) {
      const starts = new Set([earliest, Math.max(earliest, latest - SAMPLED_RECORDS)]);
      for (const offset of starts) {
        const { batches } = await broker.read({ topic, partition, offset }, SAMPLE_BYTES);
        await texts.#learn(batches.map((batch) => batch.records()));
      }
    }
    return texts;
  }

  async #learn(cursors: readonly RecordCursor[]): Promise<void> {
    let left = SAMPLED_RECORDS;
    for (const cursor of cursors) {
      while (left > 0 && cursor.next()) {
        left--;
        const { key, value } = cursor;
        await this.prepare(key, value);
        this.#guess.learn(key, value);
        const json = value !== null && parsed(value);
        if (json) this.sample.push(json);
      }
    }
  }

  /** Fetches the schemas that payloads name, so that they can be printed. */
  async prepare(...payloads: readonly (Uint8Array | null)[]): Promise<void> {
    for (const payload of payloads) if (!this.#schemas.knows(payload)) await this.#schemas.prepare(payload);
  }

  get keyFormat(): string {
    return this.#chosen.keyFormat ?? this.#guess.candidates.keys[0] ?? '';
  }

  get valueFormat(): string {
    return this.#chosen.valueFormat ?? this.#guess.candidates.values[0] ?? '';
  }

  /** What keys and values may be in, the likeliest first. */
  get candidates(): TopicFormats['candidates'] {
    return this.#guess.candidates;
  }

  /** All that may be chosen for keys; for values those without a window. */
  get names(): readonly string[] {
    return [...this.#formats.keys()];
  }

  /** Null for no key. */
  key(bytes: Uint8Array | null): string | null {
    return this.#text(bytes, this.keyFormat);
  }

  value(bytes: Uint8Array | null): string | null {
    return this.#text(bytes, this.valueFormat);
  }

  #text(bytes: Uint8Array | null, name: string): string | null {
    if (bytes === null) return null;
    const format = this.#formats.get(name);
    return format?.accepts(bytes) ? format.print(bytes) : UNRECOGNISED.print(bytes);
  }
}

/** Bytes as text where they are UTF-8, else byte by byte; for headers, which have no format. */
export function headerText(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return UNRECOGNISED.print(bytes);
  }
}

function parsed(bytes: Uint8Array): object | undefined {
  if (bytes[0] !== 0x7b) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as object;
  } catch {
    return undefined;
  }
}
