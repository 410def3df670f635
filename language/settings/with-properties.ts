import {
  type FormatInfo,
  type FormatName,
  WINDOW_TYPES,
  type WindowInfo,
  type WindowType,
} from '../metastore/metastore.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import { closest } from '../text/suggestions.ts';
import type { TextRange } from '../text/text-range.ts';
import { unitMs } from '../types/time-units.ts';
import { FORMAT_NAMES, type FormatProperty, formatNamed, takesProperty } from './formats.ts';

/** The statements whose WITH clauses this file knows. Connectors and ASSERT TOPIC take free names instead. */
export type WithStatement = 'create' | 'create-as' | 'insert';

type PropertyType = 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'BOOLEAN';

/** A property of WITH; the editor shows `docs`, and offers `values` where only some are possible. */
export interface WithProperty {
  readonly name: string;
  readonly type: PropertyType;
  readonly statements: readonly WithStatement[];
  readonly docs: string;
  readonly values?: readonly string[];
}

const ANY_CREATE: readonly WithStatement[] = ['create', 'create-as'];
const CREATE: readonly WithStatement[] = ['create'];
const NULLABLE = ['OPTIONAL', 'WRAPPER'];

/** Every property that WITH of CREATE STREAM/TABLE, CREATE … AS SELECT and INSERT INTO … SELECT takes. */
export const WITH_PROPERTIES: readonly WithProperty[] = [
  property(
    'KAFKA_TOPIC',
    'STRING',
    ANY_CREATE,
    'The topic behind the source. A query writes to a topic named like its sink unless this says otherwise.',
  ),
  property(
    'PARTITIONS',
    'INT',
    ANY_CREATE,
    'The number of partitions of the topic, needed when the topic has to be made. A query takes it from its left-most source.',
  ),
  property('REPLICAS', 'SHORT', ANY_CREATE, 'The replication factor of the topic when it has to be made.'),
  property(
    'RETENTION_MS',
    'LONG',
    ANY_CREATE,
    'How long the topic keeps records, in milliseconds. Not for tables without windows.',
  ),
  property('VALUE_FORMAT', 'STRING', ANY_CREATE, 'How record values are laid out in the topic.', FORMAT_NAMES),
  property(
    'KEY_FORMAT',
    'STRING',
    ANY_CREATE,
    'How record keys are laid out in the topic; KAFKA unless the server has another default.',
    FORMAT_NAMES,
  ),
  property('FORMAT', 'STRING', ANY_CREATE, 'The format of both key and value.', FORMAT_NAMES),
  property(
    'TIMESTAMP',
    'STRING',
    ANY_CREATE,
    'The column that holds the time of the record: BIGINT, TIMESTAMP, or STRING with TIMESTAMP_FORMAT.',
  ),
  property(
    'TIMESTAMP_FORMAT',
    'STRING',
    ANY_CREATE,
    "The pattern of a STRING timestamp column, as Java's DateTimeFormatter takes it.",
  ),
  property(
    'WRAP_SINGLE_VALUE',
    'BOOLEAN',
    ANY_CREATE,
    'Whether a single value column is written as a record with one field (true) or bare (false).',
    ['true', 'false'],
  ),
  property('KEY_DELIMITER', 'STRING', ANY_CREATE, 'DELIMITED keys: the character between fields, or SPACE or TAB.'),
  property('VALUE_DELIMITER', 'STRING', ANY_CREATE, 'DELIMITED values: the character between fields, or SPACE or TAB.'),
  property('KEY_SCHEMA_ID', 'INT', ANY_CREATE, 'Take the key columns from this schema of the schema registry.'),
  property('VALUE_SCHEMA_ID', 'INT', ANY_CREATE, 'Take the value columns from this schema of the schema registry.'),
  property(
    'KEY_SCHEMA_FULL_NAME',
    'STRING',
    ANY_CREATE,
    'Full name of the Avro record, Protobuf message or JSON schema of the key.',
  ),
  property(
    'VALUE_SCHEMA_FULL_NAME',
    'STRING',
    ANY_CREATE,
    'Full name of the Avro record, Protobuf message or JSON schema of the value.',
  ),
  property('VALUE_AVRO_SCHEMA_FULL_NAME', 'STRING', ANY_CREATE, 'Deprecated: use VALUE_SCHEMA_FULL_NAME.'),
  property(
    'KEY_PROTOBUF_NULLABLE_REPRESENTATION',
    'STRING',
    ANY_CREATE,
    'How NULL is written in Protobuf keys.',
    NULLABLE,
  ),
  property(
    'VALUE_PROTOBUF_NULLABLE_REPRESENTATION',
    'STRING',
    ANY_CREATE,
    'How NULL is written in Protobuf values.',
    NULLABLE,
  ),
  property(
    'CLEANUP_POLICY',
    'STRING',
    ANY_CREATE,
    'Set by the server from the kind of the source; statements cannot set it.',
  ),
  property('WINDOW_TYPE', 'STRING', CREATE, "The topic's keys are windowed.", Object.keys(WINDOW_TYPES)),
  property('WINDOW_SIZE', 'STRING', CREATE, "The size of TUMBLING and HOPPING windows, for example '10 SECONDS'."),
  property('SOURCE_CONNECTOR', 'STRING', CREATE, 'The connector that fills the topic; for information only.'),
  property('SOURCED_BY_CONNECTOR', 'STRING', CREATE, 'The connector that fills the topic; for information only.'),
  property('QUERY_ID', 'STRING', ['insert'], 'An id of your own for the query.'),
];

const PROPERTIES_BY_NAME: ReadonlyMap<string, WithProperty> = new Map(WITH_PROPERTIES.map((p) => [p.name, p]));

function property(
  name: string,
  type: PropertyType,
  statements: readonly WithStatement[],
  docs: string,
  values?: readonly string[],
): WithProperty {
  return { name, type, statements, docs, ...(values ? { values } : {}) };
}

/** One `name = literal` of a WITH clause as the parser gives it. */
export interface WithEntry {
  /** As written, without quotes. */
  readonly name: string;
  readonly value: string | number | bigint | boolean;
  /** The literal as it stands in the statement. */
  readonly text: string;
  readonly nameRange: TextRange;
  readonly valueRange: TextRange;
}

/** A checked WITH clause: values by upper-case name. */
export interface WithClause {
  readonly statement: WithStatement;
  readonly values: ReadonlyMap<string, string | number | boolean>;
  /** Where the value of a property stands, else the whole clause, else the statement. */
  readonly rangeOf: (name: string) => TextRange;
}

/**
 * Checks names, types and combinations of the properties of a WITH clause.
 *
 * @param range where to report what is missing
 * @throws AnalysisError for the first thing that is wrong
 */
export function readWithClause(entries: readonly WithEntry[], statement: WithStatement, range: TextRange): WithClause {
  const ranges = new Map<string, TextRange>();
  const values = new Map<string, string | number | boolean>();
  rejectDuplicates(entries);
  rejectUnknown(entries, statement);
  for (const entry of entries) {
    const definition = PROPERTIES_BY_NAME.get(entry.name.toUpperCase())!;
    ranges.set(definition.name, entry.valueRange);
    values.set(definition.name, propertyValue(definition, entry));
  }
  const clause: WithClause = { statement, values, rangeOf: (name) => ranges.get(name) ?? range };
  checkRequired(clause);
  checkCombinations(clause);
  return clause;
}

function rejectDuplicates(entries: readonly WithEntry[]): void {
  const seen = new Map<string, WithEntry>();
  for (const entry of entries) {
    const name = entry.name.toUpperCase();
    const earlier = seen.get(name);
    if (earlier) {
      const message = `Multiple entries with same key: ${name}=${entry.text} and ${name}=${earlier.text}`;
      throw new AnalysisError('duplicate-property', message, { range: entry.nameRange });
    }
    seen.set(name, entry);
  }
}

function rejectUnknown(entries: readonly WithEntry[], statement: WithStatement): void {
  const unknown = entries.filter(
    ({ name }) => !PROPERTIES_BY_NAME.get(name.toUpperCase())?.statements.includes(statement),
  );
  if (unknown.length === 0) return;
  const names = unknown.map(({ name }) => name.toUpperCase()).join(',');
  const [{ name, nameRange }] = unknown as [WithEntry];
  const isKnown = PROPERTIES_BY_NAME.has(name.toUpperCase());
  const given = new Set(entries.map((entry) => entry.name.toUpperCase()));
  const possible = [...PROPERTIES_BY_NAME.values()].filter(
    (each) => each.statements.includes(statement) && !given.has(each.name),
  );
  const nearest = isKnown
    ? undefined
    : closest(
        name,
        possible.map((each) => each.name),
      );
  const what = isKnown
    ? `${name.toUpperCase()} cannot be set in this statement.`
    : `There is no property ${name.toUpperCase()}.`;
  throw new AnalysisError('unknown-property', `Invalid config variable(s) in the WITH clause: ${names}`, {
    range: nameRange,
    explanation: `${what}${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`,
    fixes:
      nearest === undefined ? [] : [{ title: `Change to ${nearest}`, edits: [{ range: nameRange, text: nearest }] }],
  });
}

const INTEGER_LIMITS: Readonly<Record<'SHORT' | 'INT' | 'LONG', bigint>> = {
  SHORT: 2n ** 15n,
  INT: 2n ** 31n,
  LONG: 2n ** 63n,
};

function propertyValue(definition: WithProperty, entry: WithEntry): string | number | boolean {
  const { value } = entry;
  const invalid = (reason: string) =>
    new AnalysisError('invalid-property-value', `Invalid value ${value} for property ${definition.name}: ${reason}`, {
      range: entry.valueRange,
    });
  switch (definition.type) {
    case 'BOOLEAN': {
      const text = String(value).trim().toLowerCase();
      if (text !== 'true' && text !== 'false') throw invalid('Expected value to be either true or false');
      return text === 'true';
    }
    case 'STRING': {
      if (typeof value !== 'string') throw invalid(`Expected value to be a string, but it was a ${typeof value}`);
      if (definition.name === 'KAFKA_TOPIC' && value === '') throw invalid('String must be non-empty');
      if (definition.values && !definition.name.endsWith('FORMAT')) checkChoice(definition, value, invalid);
      return value;
    }
    case 'SHORT':
    case 'INT':
    case 'LONG': {
      const text = String(value).trim();
      const limit = INTEGER_LIMITS[definition.type];
      // 1e3 and 1.0 are a DOUBLE and a DECIMAL, and no whole numbers, whatever their value.
      const isWhole = typeof value === 'string' || /^-?\d+$/.test(entry.text);
      if (!isWhole || !/^[+-]?\d+$/.test(text)) throw invalid(`Not a number of type ${definition.type}`);
      const number = BigInt(text);
      if (number >= limit || number < -limit) throw invalid(`Not a number of type ${definition.type}`);
      return Number(number);
    }
    default:
      return definition.type satisfies never;
  }
}

function checkChoice(definition: WithProperty, value: string, invalid: (reason: string) => AnalysisError): void {
  if (!definition.values!.includes(value.toUpperCase()))
    throw invalid(`String must be one of: ${definition.values!.join(', ')}`);
}

function checkRequired(clause: WithClause): void {
  if (clause.statement === 'create' && !clause.values.has('KAFKA_TOPIC')) {
    const message = 'Missing required property "KAFKA_TOPIC" which has no default value.';
    throw new AnalysisError('missing-property', message, { range: clause.rangeOf('KAFKA_TOPIC') });
  }
}

function checkCombinations(clause: WithClause): void {
  if (clause.values.has('FORMAT')) {
    for (const name of ['KEY_FORMAT', 'VALUE_FORMAT']) {
      if (!clause.values.has(name)) continue;
      const message =
        `Cannot supply both '${name}' and 'FORMAT' properties, as 'FORMAT' sets both key and value formats. ` +
        "Either use just 'FORMAT', or use 'KEY_FORMAT' and 'VALUE_FORMAT'.";
      throw new AnalysisError('conflicting-properties', message, { range: clause.rangeOf(name) });
    }
  }
  if (clause.values.has('VALUE_AVRO_SCHEMA_FULL_NAME') && clause.values.has('VALUE_SCHEMA_FULL_NAME')) {
    const message =
      "Cannot supply both 'VALUE_AVRO_SCHEMA_FULL_NAME' and 'VALUE_SCHEMA_FULL_NAME' properties. " +
      "Please only set 'VALUE_SCHEMA_FULL_NAME'.";
    throw new AnalysisError('conflicting-properties', message, {
      range: clause.rangeOf('VALUE_AVRO_SCHEMA_FULL_NAME'),
    });
  }
  for (const name of ['KEY_DELIMITER', 'VALUE_DELIMITER']) checkDelimiter(clause, name);
  windowOf(clause);
}

function checkDelimiter(clause: WithClause, name: string): void {
  const text = clause.values.get(name) as string | undefined;
  if (text === undefined || text === 'TAB' || text === 'SPACE' || (text.length === 1 && text !== ' ')) return;
  const reason =
    text.trim() === ''
      ? "Delimiter cannot be empty, if you meant to have a tab or space for delimiter, please use the special values 'TAB' or 'SPACE'"
      : `Invalid delimiter value: '${text}'. Delimiter must be a single character or TAB,SPACE`;
  const message = `Configuration ${name} is invalid: ${reason}\nExample valid value: ';'`;
  throw new AnalysisError('invalid-property-value', message, { range: clause.rangeOf(name) });
}

/** The text of a property, if it is set. */
export const textProperty = (clause: WithClause, name: string): string | undefined =>
  clause.values.get(name) as string | undefined;

/** The number of a property, if it is set. */
export const numberProperty = (clause: WithClause, name: string): number | undefined =>
  clause.values.get(name) as number | undefined;

/** The truth value of a property, if it is set. */
export const booleanProperty = (clause: WithClause, name: string): boolean | undefined =>
  clause.values.get(name) as boolean | undefined;

/**
 * The format that the clause names for one side of the record, or undefined when it names none.
 *
 * @throws AnalysisError `Unknown format: X`
 */
export function statedFormat(clause: WithClause, side: 'KEY' | 'VALUE'): FormatName | undefined {
  const name = clause.values.has('FORMAT') ? 'FORMAT' : `${side}_FORMAT`;
  const text = textProperty(clause, name);
  if (text === undefined) return undefined;
  const format = formatNamed(text);
  if (!format) throw unknownFormat(text, clause.rangeOf(name));
  return format;
}

function unknownFormat(text: string, range: TextRange): AnalysisError {
  const nearest = closest(text, FORMAT_NAMES);
  const hint = nearest === undefined ? `The formats are ${FORMAT_NAMES.join(', ')}.` : `Did you mean ${nearest}?`;
  return new AnalysisError('unknown-format', `Unknown format: ${text.toUpperCase()}`, {
    range,
    explanation: `There is no format ${text.toUpperCase()}. ${hint}`,
    fixes: nearest === undefined ? [] : [{ title: `Change to ${nearest}`, edits: [{ range, text: `'${nearest}'` }] }],
  });
}

/**
 * The properties of a format that the clause sets, checked against what the format takes.
 *
 * @param base properties that hold unless the clause sets others (those inherited from a source)
 * @throws AnalysisError `X does not support the following configs: [a, b]`
 */
export function formatWithProperties(clause: WithClause, side: 'KEY' | 'VALUE', base: FormatInfo): FormatInfo {
  const stated = statedFormatProperties(clause, side);
  const unsupported = [...stated.keys()].filter((p) => !takesProperty(base.name, p)).sort();
  if (unsupported.length > 0) {
    const [first] = unsupported;
    if (clause.statement === 'create' && unsupported.includes('schemaId')) {
      const name = `${side}_SCHEMA_ID`;
      const message = `${side}_FORMAT should support schema inference when ${name} is provided. Current format is ${base.name}.`;
      throw new AnalysisError('schema-id-without-registry', message, { range: clause.rangeOf(name) });
    }
    if (first === 'nullableRepresentation' && !base.name.startsWith('PROTOBUF')) {
      const name = `${side}_PROTOBUF_NULLABLE_REPRESENTATION`;
      const message = `Property ${name} can only be enabled with protobuf format`;
      throw new AnalysisError('unsupported-format-property', message, { range: clause.rangeOf(name) });
    }
    const message = `${base.name} does not support the following configs: [${unsupported.join(', ')}]`;
    throw new AnalysisError('unsupported-format-property', message, { range: stated.get(first!)!.range });
  }
  const fullName = stated.get('fullSchemaName');
  if (fullName && String(fullName.value).trim() === '') {
    const message = `fullSchemaName cannot be empty. Format configuration: {fullSchemaName=${fullName.value}}`;
    throw new AnalysisError('invalid-property-value', message, { range: fullName.range });
  }
  const delimiter = stated.get('delimiter')?.value as string | undefined;
  const schemaId = stated.get('schemaId')?.value as number | undefined;
  const nullable = stated.get('nullableRepresentation')?.value as string | undefined;
  return {
    ...base,
    delimiter: delimiter === undefined ? base.delimiter : delimiterCharacter(delimiter),
    schemaFullName: fullName === undefined ? base.schemaFullName : String(fullName.value),
    schemaId: schemaId ?? base.schemaId,
    nullableRepresentation:
      nullable === undefined ? base.nullableRepresentation : (nullable.toUpperCase() as 'OPTIONAL' | 'WRAPPER'),
  };
}

interface StatedProperty {
  readonly value: string | number | boolean;
  readonly range: TextRange;
}

function statedFormatProperties(
  clause: WithClause,
  side: 'KEY' | 'VALUE',
): ReadonlyMap<FormatProperty, StatedProperty> {
  const names: readonly (readonly [FormatProperty, string])[] = [
    ['delimiter', `${side}_DELIMITER`],
    ['fullSchemaName', `${side}_SCHEMA_FULL_NAME`],
    ['fullSchemaName', `${side}_AVRO_SCHEMA_FULL_NAME`],
    ['schemaId', `${side}_SCHEMA_ID`],
    ['nullableRepresentation', `${side}_PROTOBUF_NULLABLE_REPRESENTATION`],
  ];
  const stated = new Map<FormatProperty, StatedProperty>();
  for (const [property, name] of names) {
    const value = clause.values.get(name);
    if (value !== undefined) stated.set(property, { value, range: clause.rangeOf(name) });
  }
  return stated;
}

function delimiterCharacter(text: string): string {
  if (text === 'TAB') return '\t';
  return text === 'SPACE' ? ' ' : text;
}

/**
 * The windowing of the keys that WINDOW_TYPE and WINDOW_SIZE declare.
 *
 * @throws AnalysisError when the two do not go together or the size is no duration
 */
export function windowOf(clause: WithClause): WindowInfo | undefined {
  const type = textProperty(clause, 'WINDOW_TYPE')?.toUpperCase() as WindowType | undefined;
  const size = textProperty(clause, 'WINDOW_SIZE');
  if (type === undefined || type === 'SESSION') {
    if (size !== undefined) {
      const message = "'WINDOW_SIZE' should not be set for SESSION windows.";
      throw new AnalysisError('invalid-property', message, { range: clause.rangeOf('WINDOW_SIZE') });
    }
    return type && { type };
  }
  if (size === undefined) {
    const message = `${type} windows require 'WINDOW_SIZE' to be provided in the WITH clause. For example: 'WINDOW_SIZE'='10 SECONDS'`;
    throw new AnalysisError('missing-property', message, { range: clause.rangeOf('WINDOW_TYPE') });
  }
  const sizeMs = parseDuration(size);
  if (sizeMs === undefined) {
    const message =
      `Error in WITH clause property 'WINDOW_SIZE': Invalid duration: '${size}'. ` +
      "A duration is a number and a unit.\nExample valid value: '10 SECONDS'";
    throw new AnalysisError('invalid-property-value', message, { range: clause.rangeOf('WINDOW_SIZE') });
  }
  if (sizeMs <= 0) {
    const message = `Size must be positive: '${size}'`;
    throw new AnalysisError('invalid-property-value', message, { range: clause.rangeOf('WINDOW_SIZE') });
  }
  return { type: type satisfies 'TUMBLING' | 'HOPPING', sizeMs: Math.floor(sizeMs) };
}

/** Units that only Java's TimeUnit has, in milliseconds. */
const SMALL_UNIT_MS: Readonly<Record<string, number>> = { NANOSECOND: 1e-6, MICROSECOND: 1e-3 };

/**
 * Milliseconds of a text such as `10 SECONDS`; undefined when it is none. Number and unit are parted by exactly one
 * blank, and blanks may follow, because ksqlDB cuts the text at each blank and lets empty pieces at the end go.
 */
function parseDuration(text: string): number | undefined {
  const match = /^([+-]?\d+)\s([A-Za-z]+)\s*$/.exec(text);
  if (!match) return undefined;
  const lengthMs = unitMs(match[2]!) ?? SMALL_UNIT_MS[match[2]!.toUpperCase().replace(/S$/, '')];
  return lengthMs === undefined ? undefined : Number(match[1]) * lengthMs;
}
