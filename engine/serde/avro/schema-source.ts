import type { SqlType } from '../../../language/types/sql-type.ts';
import { SerdeError } from '../encoding/serde.ts';

const VALUE_NAME = 'io.confluent.ksql.avro_schemas.KsqlDataSourceSchema';
const CONNECT = 'org.apache.kafka.connect.data';

/** The name of the record of a topic's values, unless the statement gives another. */
export const DEFAULT_AVRO_VALUE_NAME = VALUE_NAME;

/** The name of the record of the keys of a source: of ORDERS_BY_ID it is `…OrdersByIdKey`. */
export function avroKeyName(sourceName: string): string {
  const words = sourceName.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const camel = words.map((word) => word[0]!.toUpperCase() + word.slice(1).toLowerCase()).join('');
  return `io.confluent.ksql.avro_schemas.${camel}Key`;
}

/**
 * The Avro schema that ksqlDB generates for columns: a record whose fields all may be null.
 * @throws SerdeError for names that Avro does not allow
 */
export function avroRecordText(
  columns: readonly { readonly name: string; readonly type: SqlType }[],
  fullName: string,
): string {
  return JSON.stringify(recordSchema(columns, fullName, ''));
}

/** The Avro schema of a single bare value. */
export function avroValueText(type: SqlType, fullName: string): string {
  return JSON.stringify(schemaOf(type, fullName, ''));
}

function recordSchema(
  columns: readonly { readonly name: string; readonly type: SqlType }[],
  fullName: string,
  enclosing: string,
): object {
  const dot = fullName.lastIndexOf('.');
  const namespace = fullName.slice(0, Math.max(0, dot));
  return {
    type: 'record',
    name: fullName.slice(dot + 1),
    ...(namespace !== '' && namespace !== enclosing ? { namespace } : {}),
    fields: columns.map(({ name, type }) => ({
      name: checkedName(name),
      type: ['null', schemaOf(type, `${fullName}_${name}`, namespace)],
      default: null,
    })),
    'connect.name': fullName,
  };
}

/** @param fullName of the record, should the type need one: that of the enclosing one and the field's name */
function schemaOf(type: SqlType, fullName: string, namespace: string): unknown {
  switch (type.kind) {
    case 'BOOLEAN':
      return 'boolean';
    case 'INTEGER':
      return 'int';
    case 'BIGINT':
      return 'long';
    case 'DOUBLE':
      return 'double';
    case 'STRING':
      return 'string';
    case 'BYTES':
      return 'bytes';
    case 'DECIMAL':
      return {
        type: 'bytes',
        scale: type.scale,
        precision: type.precision,
        'connect.version': 1,
        'connect.parameters': { scale: String(type.scale), 'connect.decimal.precision': String(type.precision) },
        'connect.name': `${CONNECT}.Decimal`,
        logicalType: 'decimal',
      };
    case 'DATE':
      return { type: 'int', 'connect.version': 1, 'connect.name': `${CONNECT}.Date`, logicalType: 'date' };
    case 'TIME':
      return { type: 'int', 'connect.version': 1, 'connect.name': `${CONNECT}.Time`, logicalType: 'time-millis' };
    case 'TIMESTAMP':
      return {
        type: 'long',
        'connect.version': 1,
        'connect.name': `${CONNECT}.Timestamp`,
        logicalType: 'timestamp-millis',
      };
    case 'ARRAY':
      return { type: 'array', items: ['null', schemaOf(type.element, fullName, namespace)] };
    case 'MAP':
      return mapSchema(type, fullName, namespace);
    case 'STRUCT':
      return recordSchema(type.fields, fullName, namespace);
    default:
      return type satisfies never;
  }
}

/** Since the keys of a KSQL map may be NULL, Connect writes it as an array of entries. */
function mapSchema(type: Extract<SqlType, { kind: 'MAP' }>, fullName: string, enclosing: string): unknown {
  if (type.key.kind !== 'STRING') throw new SerdeError('Avro only supports MAPs with STRING keys');
  const dot = fullName.lastIndexOf('.');
  const namespace = fullName.slice(0, Math.max(0, dot));
  return {
    type: 'array',
    items: {
      type: 'record',
      name: fullName.slice(dot + 1),
      ...(namespace !== '' && namespace !== enclosing ? { namespace } : {}),
      fields: [
        { name: 'key', type: ['null', 'string'], default: null },
        { name: 'value', type: ['null', schemaOf(type.value, `${fullName}_MapValue`, namespace)], default: null },
      ],
      'connect.internal.type': 'MapEntry',
    },
    'connect.internal.type': 'MapEntry',
  };
}

function checkedName(name: string): string {
  if (!/^[\p{L}_]/u.test(name))
    throw new SerdeError(`Schema is not compatible with Avro: Illegal initial character: ${name}`);
  if (!/^[\p{L}\p{Nd}_]*$/u.test(name))
    throw new SerdeError(`Schema is not compatible with Avro: Illegal character in: ${name}`);
  return name;
}
