import { hashOrder } from '../../../language/types/java-hash.ts';
import { type SqlType, type StructField, struct } from '../../../language/types/sql-type.ts';
import { SerdeError } from '../encoding/serde.ts';

const CONNECT = 'org.apache.kafka.connect.data';

type Json = Readonly<Record<string, unknown>>;

/** The JSON Schema that ksqlDB generates for columns: an object whose properties all may be null, numbered in order. */
export function jsonObjectSchemaText(columns: readonly StructField[], title?: string): string {
  return JSON.stringify(objectSchema(columns, title));
}

/** The JSON Schema of a single bare value. */
export function jsonValueSchemaText(type: SqlType): string {
  return JSON.stringify({ oneOf: [{ type: 'null' }, schemaOf(type)] });
}

function objectSchema(fields: readonly StructField[], title?: string): Json {
  const properties = fields.map(({ name, type }, index) => [
    name,
    { 'connect.index': index, oneOf: [{ type: 'null' }, schemaOf(type)] },
  ]);
  return { type: 'object', title, properties: Object.fromEntries(properties) };
}

function schemaOf(type: SqlType): Json {
  switch (type.kind) {
    case 'BOOLEAN':
      return { type: 'boolean' };
    case 'INTEGER':
      return { type: 'integer', 'connect.type': 'int32' };
    case 'BIGINT':
      return { type: 'integer', 'connect.type': 'int64' };
    case 'DOUBLE':
      return { type: 'number', 'connect.type': 'float64' };
    case 'STRING':
      return { type: 'string' };
    case 'BYTES':
      return { type: 'string', 'connect.type': 'bytes' };
    case 'DECIMAL':
      return {
        type: 'number',
        title: `${CONNECT}.Decimal`,
        'connect.version': 1,
        'connect.type': 'bytes',
        'connect.parameters': { scale: String(type.scale), 'connect.decimal.precision': String(type.precision) },
      };
    case 'DATE':
      return { type: 'integer', title: `${CONNECT}.Date`, 'connect.version': 1, 'connect.type': 'int32' };
    case 'TIME':
      return { type: 'integer', title: `${CONNECT}.Time`, 'connect.version': 1, 'connect.type': 'int32' };
    case 'TIMESTAMP':
      return { type: 'integer', title: `${CONNECT}.Timestamp`, 'connect.version': 1, 'connect.type': 'int64' };
    case 'ARRAY':
      return { type: 'array', items: { oneOf: [{ type: 'null' }, schemaOf(type.element)] } };
    case 'MAP':
      if (type.key.kind !== 'STRING') throw new SerdeError('JSON only supports MAP types with STRING keys');
      return {
        type: 'object',
        'connect.type': 'map',
        additionalProperties: { oneOf: [{ type: 'null' }, schemaOf(type.value)] },
      };
    case 'STRUCT':
      return objectSchema(type.fields);
    default:
      return type satisfies never;
  }
}

/**
 * The SQL type of a JSON Schema, names in their own case; undefined for what KSQL has no type for. Properties without
 * `connect.index` come in the order of a Java HashMap, as in ksqlDB.
 * @param dependencies texts of the schemas that `$ref`s name
 * @throws SerdeError for recursive schemas
 */
export function jsonSchemaToSqlType(
  text: string,
  dependencies: ReadonlyMap<string, string> = new Map(),
): SqlType | undefined {
  let root: Json;
  try {
    root = JSON.parse(text) as Json;
  } catch (error) {
    throw new SerdeError(`The JSON Schema is no JSON: ${(error as Error).message}`, { cause: error });
  }
  return new JsonSchemaReader(root, dependencies).typeOf(root, []);
}

class JsonSchemaReader {
  readonly #root: Json;
  readonly #dependencies: ReadonlyMap<string, string>;

  constructor(root: Json, dependencies: ReadonlyMap<string, string>) {
    this.#root = root;
    this.#dependencies = dependencies;
  }

  typeOf(schema: Json, within: readonly Json[]): SqlType | undefined {
    if (within.includes(schema)) throw new SerdeError('The JSON Schema contains itself: KSQL has no recursive types');
    const inside = [...within, schema];
    if (typeof schema.$ref === 'string') return this.#reference(schema.$ref, inside);
    const alternatives = (schema.oneOf ?? schema.anyOf) as readonly Json[] | undefined;
    if (alternatives) return this.#alternatives(alternatives, inside);
    if (Array.isArray(schema.allOf)) return this.#allOf(schema.allOf as readonly Json[], inside);
    const types = ([] as unknown[]).concat(schema.type ?? []).filter((type) => type !== 'null');
    if (types.length > 1)
      return this.#alternatives(
        types.map((type) => ({ ...schema, type })),
        inside,
      );
    switch (types[0] ?? (schema.properties ? 'object' : schema.enum ? 'string' : undefined)) {
      case 'boolean':
        return { kind: 'BOOLEAN' };
      case 'integer':
        return integerType(schema);
      case 'number':
        return numberType(schema);
      case 'string':
        return { kind: schema['connect.type'] === 'bytes' ? 'BYTES' : 'STRING' };
      case 'array': {
        const element = schema.items ? this.typeOf(schema.items as Json, inside) : undefined;
        return element && { kind: 'ARRAY', element };
      }
      case 'object':
        return this.#object(schema, inside);
      default:
        return undefined;
    }
  }

  #object(schema: Json, within: readonly Json[]): SqlType | undefined {
    const properties = (schema.properties ?? {}) as Readonly<Record<string, Json>>;
    const additional = schema.additionalProperties;
    const isMap = schema['connect.type'] === 'map' || (!schema.properties && typeof additional === 'object');
    if (isMap) {
      const value = this.typeOf((additional ?? {}) as Json, within);
      return value && { kind: 'MAP', key: { kind: 'STRING' }, value };
    }
    const fields = orderedProperties(properties).flatMap(([name, property]) => {
      const type = this.typeOf(property, within);
      return type ? [{ name, type }] : [];
    });
    return struct(fields);
  }

  #alternatives(schemas: readonly Json[], within: readonly Json[]): SqlType | undefined {
    const types = schemas.map((schema) => this.typeOf(schema, within)).filter((type) => type !== undefined);
    if (types.length < 2) return types[0];
    return struct(types.map((type, index) => ({ name: `connect_union_field_${index}`, type })));
  }

  #allOf(schemas: readonly Json[], within: readonly Json[]): SqlType | undefined {
    const types = schemas.map((schema) => this.typeOf(schema, within)).filter((type) => type !== undefined);
    if (types.length < 2) return types[0];
    return struct(types.flatMap((type) => (type.kind === 'STRUCT' ? type.fields : [])));
  }

  #reference(reference: string, within: readonly Json[]): SqlType | undefined {
    const [document, pointer = ''] = reference.split('#') as [string, string?];
    const text = document === '' ? undefined : this.#dependencies.get(document);
    if (document !== '' && text === undefined)
      throw new SerdeError(`The JSON Schema refers to an unknown schema: ${reference}`);
    const reader = text === undefined ? this : new JsonSchemaReader(JSON.parse(text) as Json, this.#dependencies);
    let target: unknown = reader.#root;
    for (const step of pointer.split('/').slice(1)) {
      target = (target as Json | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')];
    }
    if (typeof target !== 'object' || target === null)
      throw new SerdeError(`The JSON Schema refers to nothing: ${reference}`);
    return reader.typeOf(target as Json, within);
  }
}

function orderedProperties(properties: Readonly<Record<string, Json>>): readonly (readonly [string, Json])[] {
  const entries = Object.entries(properties);
  const indexOf = ([, property]: readonly [string, Json]) => property['connect.index'] as number | undefined;
  if (entries.every((entry) => typeof indexOf(entry) === 'number')) {
    return entries.sort((a, b) => indexOf(a)! - indexOf(b)!);
  }
  return hashOrder(new Map(entries), { kind: 'STRING' }, 16);
}

function integerType(schema: Json): SqlType {
  switch (schema.title) {
    case `${CONNECT}.Date`:
      return { kind: 'DATE' };
    case `${CONNECT}.Time`:
      return { kind: 'TIME' };
    case `${CONNECT}.Timestamp`:
      return { kind: 'TIMESTAMP' };
    default: {
      const small = ['int8', 'int16', 'int32'].includes(schema['connect.type'] as string);
      return { kind: small ? 'INTEGER' : 'BIGINT' };
    }
  }
}

function numberType(schema: Json): SqlType {
  if (schema.title !== `${CONNECT}.Decimal` && schema['connect.type'] !== 'bytes') return { kind: 'DOUBLE' };
  const parameters = (schema['connect.parameters'] ?? {}) as Json;
  const precision = Number(parameters['connect.decimal.precision'] ?? 64);
  return { kind: 'DECIMAL', precision, scale: Number(parameters.scale ?? 0) };
}
