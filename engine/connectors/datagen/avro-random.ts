import type { AvroNode } from '../../serde/avro/schema.ts';
import { avroToSqlType, branchName, parseAvroSchema } from '../../serde/avro/schema.ts';
import type { JsonValue } from '../configuration/converters.ts';
import { ArgProperties, type JsonObject } from './arg-properties.ts';
import { beginIteration } from './avro-iteration.ts';
import type { SeededRandom } from './random.ts';
import { DEFAULT_LENGTH, regexText, type TextLength } from './regex-text.ts';
import type { Row, RowKind } from './value-kind.ts';

/** Makes the next value of a schema. */
type Next = (random: SeededRandom) => JsonValue;
/** Begins a sequence of values: what counts begins at its start. */
type Begin = () => Next;

const INT_LEAST = -(2 ** 31);
const INT_MOST = 2 ** 31 - 1;
/** Numbers of JSON are exact up to here; so far goes a BIGINT that no range bounds. */
const LONG_MOST = Number.MAX_SAFE_INTEGER;
/** What a length may exceed its minimum by, where no maximum is given. */
const OPEN_LENGTH = 16;
/** How many values and characters a row may have at most. */
const MAX_ROW_SIZE = 1_000_000;
/** Digits that a number of JSON keeps. */
const EXACT_DIGITS = 15;

/**
 * Rows of an Avro schema with the annotations of Avro random generator (`arg.properties`): options, range, iteration,
 * length, regex, prefix, suffix, kind, keys, odds, position and distribution. An upper bound is never reached, as
 * there.
 * @throws Error that says what is wrong with the schema
 */
export function avroRows(schemaText: string): RowKind {
  const node = parseAvroSchema(schemaText);
  if (node.kind !== 'record') throw new Error(`The schema is of rows: it has to be a record, and is ${node.kind}.`);
  const begin = new SchemaCompiler().compile(JSON.parse(schemaText) as JsonValue, node, {});
  return {
    types: Object.fromEntries(node.fields.map(({ name, type }) => [name, avroToSqlType(type)])),
    begin() {
      const next = begin();
      return (random) => next(random) as Row;
    },
  };
}

/** Goes through the JSON of a schema, which has the annotations, and what it was parsed to, side by side. */
class SchemaCompiler {
  /** The JSON of named types, for those that refer to them. */
  readonly #named = new Map<string, JsonObject>();
  readonly #open = new Set<AvroNode>();
  /** How often what is compiled stands in a row at most, and what a row has so far. */
  #times = 1;
  #size = 0;

  /** @param ofField the annotations of the field that has the schema; only unions look at them */
  compile(json: JsonValue, node: AvroNode, ofField: JsonObject): Begin {
    if (typeof json === 'string') {
      const named = 'name' in node ? this.#named.get(node.name) : undefined;
      if (named !== undefined) return this.compile(named, node, ofField);
      return this.#plain({ type: json }, node, new ArgProperties({}));
    }
    if (Array.isArray(json)) return this.#union(json as readonly JsonValue[], node, new ArgProperties(ofField));
    const schema = json as JsonObject;
    const { type } = schema;
    // A schema around a schema adds nothing but annotations.
    if (typeof type === 'object' && type !== null) return this.compile(type, node, argsOf(schema) ?? ofField);
    if ('name' in node) this.#named.set(node.name, schema);
    return this.#plain(schema, node, new ArgProperties(argsOf(schema) ?? {}));
  }

  #plain(schema: JsonObject, node: AvroNode, args: ArgProperties): Begin {
    this.#grow(node.kind === 'string' || node.kind === 'bytes' ? lengthOf(args).most : 1);
    const options = args.options();
    if (options !== undefined) {
      // What stands inside is compiled all the same: it may define names, and is checked.
      if (node.kind === 'record') this.#record(schema, node);
      const values = options.map((option) => optionOf(option, node));
      return () => (random) => random.pick(values);
    }
    if (args.has('iteration')) return () => beginIteration(args, node.kind);
    switch (node.kind) {
      case 'record':
        return this.#record(schema, node);
      case 'array':
        return this.#array(schema, node.items, lengthOf(args));
      case 'map':
        return this.#map(schema, node.values, args);
      case 'enum':
        return stateless((random) => random.pick(node.symbols));
      case 'string':
      case 'boolean':
      case 'null':
      case 'int':
      case 'long':
      case 'float':
      case 'double':
      case 'bytes':
      case 'fixed':
      case 'union':
        return stateless(primitive(node, args));
      default:
        return node satisfies never;
    }
  }

  #record(schema: JsonObject, node: AvroNode & { readonly kind: 'record' }): Begin {
    if (this.#open.has(node)) throw new Error(`The record ${node.name} contains itself: its rows would have no end.`);
    this.#open.add(node);
    const fields = (schema['fields'] as readonly JsonObject[]).map(
      (field, i) =>
        [node.fields[i]!.name, this.compile(field['type']!, node.fields[i]!.type, argsOf(field) ?? {})] as const,
    );
    this.#open.delete(node);
    return () => {
      const nexts = fields.map(([name, begin]) => [name, begin()] as const);
      return (random) => {
        const row: Row = {};
        for (const [name, next] of nexts) row[name] = next(random);
        return row;
      };
    };
  }

  /** @throws Error when a row would be too large: a small schema can ask for more than there is memory */
  #grow(size: number): void {
    this.#size += this.#times * size;
    if (this.#size > MAX_ROW_SIZE)
      throw new Error(`A row would have more than ${MAX_ROW_SIZE} values and characters: make its lengths smaller.`);
  }

  /** Compiles what a row has so many of. */
  #compileParts(times: number, json: JsonValue, node: AvroNode): Begin {
    const outside = this.#times;
    this.#times *= Math.max(1, times);
    const begin = this.compile(json, node, {});
    this.#times = outside;
    return begin;
  }

  #array(schema: JsonObject, items: AvroNode, { least, most }: TextLength): Begin {
    const begin = this.#compileParts(most, schema['items']!, items);
    return () => {
      const next = begin();
      return (random) => Array.from({ length: random.between(least, most) }, () => next(random));
    };
  }

  #map(schema: JsonObject, values: AvroNode, args: ArgProperties): Begin {
    const { least, most } = lengthOf(args);
    const keyArgs = new ArgProperties(args.object('keys') ?? { length: 1 });
    const keys = keyArgs.options()?.map(String);
    const nextKey = keys === undefined ? textMaker(keyArgs) : (random: SeededRandom) => random.pick(keys);
    this.#grow(most * lengthOf(keyArgs).most);
    const begin = this.#compileParts(most, schema['values']!, values);
    return () => {
      const next = begin();
      return (random) => {
        const entries = Array.from({ length: random.between(least, most) }, () => [nextKey(random), next(random)]);
        return Object.fromEntries(entries) as Row;
      };
    };
  }

  /** Of several branches besides null, Kafka Connect makes a struct with a field for each. */
  #union(branches: readonly JsonValue[], node: AvroNode, args: ArgProperties): Begin {
    if (node.kind !== 'union') throw new Error('A union stands where the schema has none.');
    const isStruct = node.branches.filter(({ kind }) => kind !== 'null').length > 1;
    const begins = branches.map((branch, i) => this.compile(branch, node.branches[i]!, {}));
    const choose = args.branch(branches.length);
    return () => {
      const nexts = begins.map((begin) => begin());
      return (random) => {
        const i = choose(random);
        const value = nexts[i]!(random);
        return isStruct && value !== null ? { [branchName(node.branches[i]!)]: value } : value;
      };
    };
  }
}

const argsOf = (schema: JsonObject): JsonObject | undefined => new ArgProperties(schema).object('arg.properties');

const stateless =
  (next: Next): Begin =>
  () =>
    next;

function primitive(node: AvroNode, args: ArgProperties): Next {
  if ('logical' in node && node.logical?.kind === 'decimal') return decimalMaker(node.logical, args);
  switch (node.kind) {
    case 'null':
      return () => null;
    case 'boolean': {
      const odds = args.odds();
      return (random) => random.next() < odds;
    }
    case 'int': {
      const [least, end] = args.range({ min: INT_LEAST, max: INT_MOST, isWhole: true });
      return (random) => least + Math.floor(random.next() * (end - least));
    }
    case 'long': {
      const [least, end] = args.range({ min: -LONG_MOST, max: LONG_MOST, isWhole: true });
      return (random) => least + Math.floor(random.next() * (end - least));
    }
    case 'float':
    case 'double': {
      const [least, end] = args.has('range') ? args.range({ min: -LONG_MOST, max: LONG_MOST }) : [0, 1];
      const isFloat = node.kind === 'float';
      return (random) => {
        const value = least + random.next() * (end - least);
        return isFloat ? Math.fround(value) : value;
      };
    }
    case 'string':
      return textMaker(args);
    case 'bytes': {
      const { least, most } = lengthOf(args);
      return (random) => randomBytes(random, random.between(least, most));
    }
    case 'fixed':
      return (random) => randomBytes(random, node.sizeBytes);
    case 'enum':
    case 'array':
    case 'map':
    case 'record':
    case 'union':
      throw new Error(`Rows cannot be made of ${node.kind}.`);
    default:
      return node satisfies never;
  }
}

function decimalMaker(
  { precision, scale }: { readonly precision: number; readonly scale: number },
  args: ArgProperties,
): Next {
  const limit = 10 ** (Math.min(precision, EXACT_DIGITS) - scale);
  const [least, end] = args.range({ min: -limit, max: limit });
  const digits = Math.min(scale, EXACT_DIGITS);
  const step = 10 ** -digits;
  // Rounding must not reach the bound that the range leaves out.
  return (random) => Number((least + random.next() * (end - least - step)).toFixed(digits));
}

const KINDS: Readonly<Record<string, (random: SeededRandom) => string>> = {
  uuid: regexText('[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}', DEFAULT_LENGTH),
  email: regexText('[a-z]{4,9}@[a-z]{3,8}\\.example\\.com', { least: 20, most: 30 }),
  name: regexText('[A-Z][a-z]{2,7} [A-Z][a-z]{3,9}', { least: 8, most: 18 }),
};

function textMaker(args: ArgProperties): (random: SeededRandom) => string {
  const [prefix, suffix] = [args.text('prefix') ?? '', args.text('suffix') ?? ''];
  const regex = args.text('regex');
  const kind = args.text('kind');
  const length = lengthOf(args);
  if (kind !== undefined && !Object.hasOwn(KINDS, kind))
    throw new Error(`The kind ${kind} is not known: there are ${Object.keys(KINDS).join(', ')}.`);
  const make = kind !== undefined ? KINDS[kind]! : regexText(regex ?? '.*', length);
  return (random) => prefix + make(random) + suffix;
}

/** A length is exact, or has bounds of which the upper is left out. */
function lengthOf(args: ArgProperties): TextLength {
  if (!args.has('length')) return DEFAULT_LENGTH;
  const exact = args.wholeNumber('length');
  if (exact !== undefined) return { least: exact, most: exact };
  const bounds = new ArgProperties(args.object('length')!, 'length');
  const min = bounds.wholeNumber('min');
  const max = bounds.wholeNumber('max');
  if (min === undefined && max === undefined) throw new Error("length has 'min', 'max', or both.");
  const least = min ?? 0;
  const end = max ?? least + OPEN_LENGTH;
  if (end <= least) throw new Error(`The 'max' of length has to be greater than its 'min' of ${least}, and is ${end}.`);
  return { least, most: end - 1 };
}

/** As Kafka Connect writes bytes in JSON. */
const randomBytes = (random: SeededRandom, sizeBytes: number): string =>
  Buffer.from(Array.from({ length: sizeBytes }, () => random.between(0, 255))).toString('base64');

/** An option as a value of the schema. @throws Error when it is none */
function optionOf(option: JsonValue, node: AvroNode): JsonValue {
  const wrong = () => new Error(`Invalid option for ${node.kind}: ${JSON.stringify(option)}.`);
  const whole = (limit: number) => typeof option === 'number' && Number.isInteger(option) && Math.abs(option) <= limit;
  const isObject = typeof option === 'object' && option !== null && !Array.isArray(option);
  switch (node.kind) {
    case 'record': {
      if (!isObject) throw wrong();
      const given = option as JsonObject;
      const values = node.fields.map((field) => {
        const value = given[field.name] ?? (field.default as JsonValue | undefined) ?? null;
        return [field.name, optionOf(value, field.type)] as const;
      });
      return Object.fromEntries(values);
    }
    case 'array':
      if (!Array.isArray(option)) throw wrong();
      return (option as readonly JsonValue[]).map((item) => optionOf(item, node.items));
    case 'map':
      if (!isObject) throw wrong();
      return Object.fromEntries(
        Object.entries(option as JsonObject).map(([key, value]) => [key, optionOf(value, node.values)]),
      );
    case 'union': {
      if (option === null && node.branches.some(({ kind }) => kind === 'null')) return null;
      for (const branch of node.branches) {
        try {
          return optionOf(option, branch);
        } catch {
          // Another branch may take it.
        }
      }
      throw wrong();
    }
    case 'bytes':
    case 'fixed':
      if (typeof option === 'number' && node.logical?.kind === 'decimal') return option;
      if (typeof option !== 'string') throw wrong();
      return Buffer.from(option, 'utf8').toString('base64');
    case 'enum':
      if (typeof option !== 'string' || !node.symbols.includes(option)) throw wrong();
      return option;
    case 'string':
    case 'boolean':
    case 'null':
    case 'int':
    case 'long':
    case 'float':
    case 'double': {
      const fits = {
        null: option === null,
        boolean: typeof option === 'boolean',
        int: whole(INT_MOST),
        long: whole(LONG_MOST),
        float: typeof option === 'number',
        double: typeof option === 'number',
        string: typeof option === 'string',
      }[node.kind];
      if (!fits) throw wrong();
      return option;
    }
    default:
      return node satisfies never;
  }
}
