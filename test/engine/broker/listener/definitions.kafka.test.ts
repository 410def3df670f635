import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Field } from '../../../../engine/broker/listener/protocol/fields.ts';
import * as membershipMessages from '../../../../engine/broker/listener/protocol/membership-messages.ts';
import { MessageReader } from '../../../../engine/broker/listener/protocol/message-reader.ts';
import { MessageWriter } from '../../../../engine/broker/listener/protocol/message-writer.ts';
import * as recordMessages from '../../../../engine/broker/listener/protocol/record-messages.ts';
import * as topicMessages from '../../../../engine/broker/listener/protocol/topic-messages.ts';
import { kafkaMissing, kafkaToolJars } from '../../../support/kafka-server.ts';

/** A field as Kafka's own definitions have it. */
interface Defined {
  readonly name: string;
  readonly type: string;
  readonly versions: string;
  readonly nullableVersions?: string;
  readonly taggedVersions?: string;
  readonly fields?: readonly Defined[];
}

interface Definition {
  readonly flexibleVersions: string;
  readonly fields: readonly Defined[];
  readonly commonStructs?: readonly Defined[];
}

interface AnyApi {
  readonly name: string;
  readonly versions: readonly number[];
  readonly flexibleSince: number;
  readonly request: Field<unknown, never>;
  readonly response: Field<unknown, never>;
}

const APIS = Object.values({ ...membershipMessages, ...recordMessages, ...topicMessages }) as unknown as AnyApi[];
const hasUnzip = spawnSync('unzip', ['-v']).error === undefined;
const missing = kafkaMissing ?? (hasUnzip ? undefined : 'unzip');
if (missing !== undefined) console.warn(`Skipped: the comparison with Kafka's own messages needs ${missing}.`);

describe.skipIf(missing !== undefined)("messages are laid out as Kafka's own definitions say", () => {
  let jars: string;
  beforeAll(async () => {
    jars = await kafkaToolJars();
  }, 300_000);

  const definitionOf = (name: string): Definition => {
    const jar = readdirSync(jars).find((each) => each.startsWith('kafka-clients-'))!;
    const { stdout } = spawnSync('unzip', ['-p', path.join(jars, jar), `common/message/${name}.json`], {
      encoding: 'utf8',
    });
    return JSON.parse(stdout.replaceAll(/^\s*\/\/.*$/gm, '')) as Definition;
  };

  test.each(APIS.map((api) => [api.name, api] as const))('%s', (name, api) => {
    for (const kind of ['request', 'response'] as const) {
      const definition = definitionOf(`${name}${kind === 'request' ? 'Request' : 'Response'}`);
      const [min = 0, max = 0] = api.versions;
      for (let version = min; version <= max; version++) {
        const isFlexible = isIn(version, definition.flexibleVersions);
        expect(version >= api.flexibleSince, `${name} ${version}`).toBe(isFlexible);
        for (let seed = 1; seed <= 20; seed++) {
          const bytes = new RandomMessage(definition, version, isFlexible, seed).bytes();
          const from = new MessageReader(bytes);
          const value = api[kind].read(from, { version, isFlexible });
          expect(from.left, `${name} ${kind} ${version}`).toBe(0);
          const to = new MessageWriter();
          api[kind].write(to, writable(value) as never, { version, isFlexible });
          expect(Buffer.concat(to.taken()), `${name} ${kind} ${version}`).toEqual(bytes);
        }
      }
    }
  });
});

/** What was read, as it is given to be written: records are given in pieces. */
function writable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(writable);
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, name === 'records' ? [each] : writable(each)]),
  );
}

function isIn(version: number, range: string | undefined): boolean {
  const [, min, open, max] = /^(\d+)(?:(\+)|-(\d+))?$/.exec(range ?? '') ?? [];
  if (min === undefined) return false;
  if (open !== undefined) return version >= Number(min);
  return version >= Number(min) && version <= Number(max ?? min);
}

/** A message with values by chance, laid out by a definition alone. */
class RandomMessage {
  readonly #definition: Definition;
  readonly #version: number;
  readonly #isFlexible: boolean;
  readonly #parts: Buffer[] = [];
  #state: number;

  constructor(definition: Definition, version: number, isFlexible: boolean, seed: number) {
    this.#definition = definition;
    this.#version = version;
    this.#isFlexible = isFlexible;
    this.#state = seed;
  }

  bytes(): Buffer {
    this.#struct(this.#definition.fields);
    return Buffer.concat(this.#parts);
  }

  #struct(fields: readonly Defined[]): void {
    for (const field of fields) {
      if (!isIn(this.#version, field.versions) || isIn(this.#version, field.taggedVersions)) continue;
      this.#value(field.type, field);
    }
    if (this.#isFlexible) this.#varint(0);
  }

  #value(type: string, field: Defined): void {
    const isNull = isIn(this.#version, field.nullableVersions) && type !== 'records' && this.#random(4) === 0;
    if (type.startsWith('[]')) {
      const count = isNull ? -1 : this.#random(3);
      this.#length(count, false);
      for (let n = 0; n < count; n++) this.#value(type.slice(2), { ...field, nullableVersions: 'none' });
      return;
    }
    const size = { bool: 1, int8: 1, int16: 2, int32: 4, int64: 8 }[type];
    if (size !== undefined) this.#number(size, type === 'bool');
    else if (['string', 'bytes', 'records'].includes(type)) {
      const length = isNull ? -1 : this.#random(6);
      this.#length(length, type === 'string');
      this.#parts.push(Buffer.from('abcdef'.slice(0, Math.max(0, length))));
    } else this.#struct(this.#fieldsOf(type, field));
  }

  #fieldsOf(type: string, field: Defined): readonly Defined[] {
    return field.fields ?? this.#definition.commonStructs!.find(({ name }) => name === type)!.fields!;
  }

  #number(size: number, isBool: boolean): void {
    const bytes = Buffer.alloc(size);
    for (let n = 0; n < size; n++) bytes[n] = this.#random(isBool ? 2 : 256);
    // As far as numbers of ours are exact.
    if (size === 8) bytes.fill(0, 0, 2);
    this.#parts.push(bytes);
  }

  #length(length: number, isShort: boolean): void {
    if (this.#isFlexible) {
      this.#varint(length + 1);
      return;
    }
    const bytes = Buffer.alloc(isShort ? 2 : 4);
    bytes.writeIntBE(length, 0, bytes.length);
    this.#parts.push(bytes);
  }

  #varint(value: number): void {
    this.#parts.push(Buffer.from([value]));
  }

  #random(below: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (this.#state >>> 8) % below;
  }
}
