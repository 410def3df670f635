import type { MapType, SqlType, StructField } from '../../../language/types/sql-type.ts';
import { SerdeError } from '../encoding/serde.ts';

/** How a NULL of a primitive is told from its default value. */
export type NullableRepresentation = 'OPTIONAL' | 'WRAPPER';

const DEFAULT_NAME = 'ConnectDefault1';
const OPTIONS_FILE = 'confluent/meta.proto';

/**
 * The .proto text that ksqlDB generates for columns: one message, fields numbered from 1 in the order of the columns.
 * @param fullName of the message, package included
 * @param mapsAsEntries whether maps are written as the repeated messages that they are on the wire
 * @throws SerdeError for names and types that Protobuf does not have
 */
export function protoSchemaText(
  columns: readonly StructField[],
  fullName: string = DEFAULT_NAME,
  nullable?: NullableRepresentation,
  mapsAsEntries = false,
): string {
  const dot = fullName.lastIndexOf('.');
  const imports = new Set<string>();
  const text = new MessageText(imports, nullable, mapsAsEntries).message(fullName.slice(dot + 1), columns, '', [
    fullName.slice(dot + 1),
  ]);
  const head = ['syntax = "proto3";'];
  if (dot > 0) head.push(`package ${fullName.slice(0, dot)};`);
  // In the form of the wire ksqlDB prints a descriptor: its imports are in the order of their use, and options bring
  // none.
  const used = mapsAsEntries ? [...imports].filter((name) => name !== OPTIONS_FILE) : [...imports].sort();
  const importLines = used.map((name) => `import "${name}";\n`);
  return `${head.join('\n')}\n\n${importLines.join('')}${importLines.length > 0 ? '\n' : ''}${text}`;
}

const SCALARS: Partial<Record<SqlType['kind'], readonly [plain: string, wrapper: string]>> = {
  BOOLEAN: ['bool', 'BoolValue'],
  INTEGER: ['int32', 'Int32Value'],
  BIGINT: ['int64', 'Int64Value'],
  DOUBLE: ['double', 'DoubleValue'],
  STRING: ['string', 'StringValue'],
  BYTES: ['bytes', 'BytesValue'],
};
const MESSAGES: Partial<Record<SqlType['kind'], readonly [name: string, file: string]>> = {
  DATE: ['google.type.Date', 'google/type/date.proto'],
  TIME: ['google.type.TimeOfDay', 'google/type/timeofday.proto'],
  TIMESTAMP: ['google.protobuf.Timestamp', 'google/protobuf/timestamp.proto'],
  DECIMAL: ['confluent.type.Decimal', 'confluent/type/decimal.proto'],
};

class MessageText {
  readonly #imports: Set<string>;
  readonly #nullable: NullableRepresentation | undefined;
  readonly #mapsAsEntries: boolean;
  #messages = 1;

  constructor(imports: Set<string>, nullable: NullableRepresentation | undefined, mapsAsEntries: boolean) {
    this.#mapsAsEntries = mapsAsEntries;
    this.#imports = imports;
    this.#nullable = nullable;
  }

  message(name: string, fields: readonly StructField[], indent: string, path: readonly string[]): string {
    const inner = `${indent}  `;
    const nested: string[] = [];
    const types = fields.map((field) => this.#field(field.type, inner, path, nested));
    const lines = fields.map((field, i) => {
      checkIdentifier(field.name, path);
      return `${inner}${types[i]!.type} ${field.name} = ${i + 1}${types[i]!.options};\n`;
    });
    const nestedText = nested.map((text, i) => (i > 0 && this.#mapsAsEntries ? text : `\n${text}`)).join('');
    return `${indent}message ${name} {\n${lines.join('')}${nestedText}${indent}}\n`;
  }

  /** The type of a field and its options; messages that it needs go to `nested`. */
  #field(type: SqlType, indent: string, path: readonly string[], nested: string[]): { type: string; options: string } {
    switch (type.kind) {
      case 'ARRAY':
        return {
          type: `repeated ${this.#single(type.element, indent, path, nested)}`,
          options: this.#options(type.element, indent),
        };
      case 'MAP': {
        if (type.key.kind !== 'STRING')
          throw new SerdeError('PROTOBUF format only supports MAP types with STRING keys');
        if (this.#mapsAsEntries) return { type: `repeated ${this.#entry(type, indent, path, nested)}`, options: '' };
        const value = this.#single(type.value, indent, path, nested);
        return { type: `map<string, ${value}>`, options: this.#options(type.value, indent) };
      }
      default:
        return {
          type: this.#nullableType(type) ?? this.#single(type, indent, path, nested),
          options: this.#options(type, indent),
        };
    }
  }

  /** The message of a key and a value that a map is on the wire; gives its name. */
  #entry({ key, value }: MapType, indent: string, path: readonly string[], nested: string[]): string {
    this.#messages++;
    const name = `ConnectDefault${this.#messages}Entry`;
    const fields = [
      { name: 'key', type: key },
      { name: 'value', type: value },
    ];
    nested.push(this.message(name, fields, indent, [...path, name]));
    return name;
  }

  #nullableType(type: SqlType): string | undefined {
    const scalar = SCALARS[type.kind];
    if (!scalar || !this.#nullable) return undefined;
    if (this.#nullable === 'OPTIONAL') return `optional ${scalar[0]}`;
    this.#imports.add('google/protobuf/wrappers.proto');
    return `google.protobuf.${scalar[1]}`;
  }

  /** The type of a value that is no field by itself, or of a plain field. */
  #single(type: SqlType, indent: string, path: readonly string[], nested: string[]): string {
    const scalar = SCALARS[type.kind];
    if (scalar) return scalar[0];
    const message = MESSAGES[type.kind];
    if (message) {
      this.#imports.add(message[1]);
      return message[0];
    }
    if (type.kind !== 'STRUCT') {
      throw new SerdeError(`PROTOBUF has no ${type.kind} within an ARRAY or a MAP: put it into a STRUCT`);
    }
    this.#messages++;
    const name = `ConnectDefault${this.#messages}`;
    nested.push(this.message(name, type.fields, indent, [...path, name]));
    return name;
  }

  #options(type: SqlType, indent: string): string {
    if (type.kind !== 'DECIMAL') return '';
    this.#imports.add(OPTIONS_FILE);
    const parameter = (key: string, value: number) =>
      `${indent}    {\n${indent}      value: "${value}",\n${indent}      key: "${key}"\n${indent}    }`;
    const list = [parameter('precision', type.precision), parameter('scale', type.scale)].join(',\n');
    return ` [(confluent.field_meta) = {\n${indent}  params: [\n${list}\n${indent}  ]\n${indent}}]`;
  }
}

function checkIdentifier(name: string, path: readonly string[]): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new SerdeError(
      `Schema is not compatible with Protobuf: ${[...path, name].join('.')}: "${name}" is not a valid identifier.`,
    );
  }
}
