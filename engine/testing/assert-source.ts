import { bindType } from '../../language/binding/type-names.ts';
import type { AssertSource } from '../../language/generated/ast.ts';
import type { DataSource, FormatInfo } from '../../language/metastore/metastore.ts';
import {
  booleanProperty,
  formatWithProperties,
  readWithClause,
  statedFormat,
  textProperty,
  type WithClause,
} from '../../language/settings/with-properties.ts';
import { withEntries } from '../../language/statements/with-entries.ts';
import { rangeOf } from '../../language/text/analysis-error.ts';
import { typeToString } from '../../language/types/sql-type.ts';
import { ExpectationError } from './verdict.ts';

/**
 * What ASSERT STREAM and ASSERT TABLE compare, in ksqlDB's order and under its names; each as the text that is shown.
 */
interface Facts {
  readonly schema: string;
  readonly type: string;
  readonly 'kafka topic': string;
  readonly 'key format': string;
  readonly 'key format properties': string;
  readonly 'value format': string;
  readonly 'value format properties': string;
  readonly 'value schema id': string;
  readonly 'key schema id': string;
  readonly 'value serde features': string;
  readonly 'timestamp column': string;
  readonly 'timestamp format': string;
}

/**
 * Checks that a source is as ASSERT STREAM or ASSERT TABLE says. What its WITH clause leaves out is expected to be as a
 * CREATE without it makes it.
 *
 * @param properties of the session, which hold the defaults of formats
 * @throws ExpectationError
 * @throws AnalysisError when the WITH clause is wrong itself
 */
export function assertSource(node: AssertSource, source: DataSource, properties: ReadonlyMap<string, string>): void {
  const expected = expectedFacts(node, properties);
  const actual = actualFacts(source);
  for (const name of Object.keys(expected) as (keyof Facts)[]) {
    if (expected[name] === actual[name]) continue;
    throw new ExpectationError(
      `Expected ${name} does not match actual for source ${source.name}.\n\tExpected: ${expected[name]}\n\tActual: ${actual[name]}`,
      { expected: expected[name], actual: actual[name] },
    );
  }
}

function expectedFacts(node: AssertSource, properties: ReadonlyMap<string, string>): Facts {
  const clause = readWithClause(withEntries(node.properties), 'create', rangeOf(node) ?? { start: 0, end: 0 });
  const key = formatOf(clause, 'KEY', properties.get('ksql.persistence.default.format.key') ?? 'KAFKA');
  const value = formatOf(clause, 'VALUE', properties.get('ksql.persistence.default.format.value') ?? '');
  const wrap = booleanProperty(clause, 'WRAP_SINGLE_VALUE');
  return {
    schema: schemaText(
      node.elements.map(({ name, type, constraint }) => ({
        name,
        type: typeToString(bindType(type, new Map())),
        namespace: NAMESPACES[constraint?.$type ?? 'none'] ?? 'value',
      })),
    ),
    type: node.kind === 'TABLE' ? 'KTABLE' : 'KSTREAM',
    'kafka topic': textProperty(clause, 'KAFKA_TOPIC') ?? 'null',
    ...formatFacts(key, value),
    'value serde features': featuresText(wrap === undefined ? undefined : wrap ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES'),
    ...timestampFacts(timestampName(clause), textProperty(clause, 'TIMESTAMP_FORMAT')),
  };
}

const NAMESPACES: Readonly<Record<string, string>> = {
  KeyConstraint: 'key',
  HeadersConstraint: 'headers',
  HeaderConstraint: 'headers',
};

function formatOf(clause: WithClause, side: 'KEY' | 'VALUE', byDefault: string): FormatInfo {
  const name = statedFormat(clause, side) ?? (byDefault.toUpperCase() as FormatInfo['name']);
  return formatWithProperties(clause, side, { name });
}

/** A name without quotes is in upper case, as everywhere. */
function timestampName(clause: WithClause): string | undefined {
  const text = textProperty(clause, 'TIMESTAMP');
  return text === undefined ? undefined : /^`.*`$/.test(text) ? text.slice(1, -1) : text.toUpperCase();
}

function actualFacts({ schema, kind, topic, keyFormat, valueFormat, timestamp }: DataSource): Facts {
  return {
    schema: schemaText(
      schema.columns.map(({ name, type, namespace }) => ({
        name,
        type: typeToString(type),
        namespace: namespace === 'header' ? 'headers' : namespace,
      })),
    ),
    type: kind === 'TABLE' ? 'KTABLE' : 'KSTREAM',
    'kafka topic': topic,
    ...formatFacts(keyFormat, valueFormat),
    'value serde features': featuresText(valueFormat.wrapping),
    ...timestampFacts(timestamp?.column, timestamp?.format),
  };
}

const schemaText = (columns: readonly { name: string; type: string; namespace: string }[]): string =>
  columns
    .map(
      ({ name, type, namespace }) => `\`${name}\` ${type}${namespace === 'value' ? '' : ` ${namespace.toUpperCase()}`}`,
    )
    .join(', ');

const formatFacts = (key: FormatInfo, value: FormatInfo) => ({
  'key format': key.name || 'null',
  'key format properties': propertiesText(key),
  'value format': value.name || 'null',
  'value format properties': propertiesText(value),
  'value schema id': String(value.schemaId ?? null),
  'key schema id': String(key.schemaId ?? null),
});

/** Of a format, what is a property of its own in ksqlDB. */
function propertiesText({ delimiter, schemaFullName, schemaId, nullableRepresentation }: FormatInfo): string {
  const properties = { delimiter, fullSchemaName: schemaFullName, schemaId, nullableRepresentation };
  const stated = Object.entries(properties).filter(([, value]) => value !== undefined);
  return `{${stated.map(([name, value]) => `${name}=${value}`).join(', ')}}`;
}

const featuresText = (wrapping: FormatInfo['wrapping']): string => `[${wrapping ?? ''}]`;

const optionalText = (text: string | undefined): string =>
  text === undefined ? 'Optional.empty' : `Optional[${text}]`;
const timestampFacts = (column: string | undefined, format: string | undefined) => ({
  'timestamp column': optionalText(column === undefined ? undefined : `\`${column}\``),
  'timestamp format': optionalText(format),
});
