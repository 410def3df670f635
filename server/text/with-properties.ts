import {
  BUILT_IN_CONNECTORS,
  type ConnectorProperty,
  isClassOf,
  shortName,
} from '../../language/documentation/connector-docs.ts';
import { WITH_PROPERTIES, type WithProperty } from '../../language/settings/with-properties.ts';

/** A property as completion offers it. */
export interface OfferedProperty {
  readonly name: string;
  /** What stands after the equals sign. */
  readonly snippet: string;
  readonly docs: string;
}

/** What a WITH clause is of. */
export type WithStatement = 'create' | 'insert' | 'topic' | 'connector';

/** What one would write for a property that takes any value. */
const SAMPLES: Readonly<Record<string, string>> = {
  PARTITIONS: '4',
  REPLICAS: '1',
  RETENTION_MS: '604800000',
  TIMESTAMP_FORMAT: 'yyyy-MM-dd HH:mm:ss',
  WINDOW_SIZE: '1 MINUTE',
  VALUE_DELIMITER: ',',
  KEY_DELIMITER: ',',
};
/** Taken, but not worth an offer: the server sets it, or there is a better one. */
const NOT_OFFERED: ReadonlySet<string> = new Set(['CLEANUP_POLICY', 'VALUE_AVRO_SCHEMA_FULL_NAME']);

/** The properties that the WITH clause of a statement takes, without those that are given already with their values. */
export function offeredProperties(
  statement: WithStatement,
  given: ReadonlyMap<string, string>,
): readonly OfferedProperty[] {
  const isFree = ({ name }: { readonly name: string }) => !given.has(name.toUpperCase());
  if (statement === 'connector') return connectorProperties(given.get('CONNECTOR.CLASS')).filter(isFree);
  return WITH_PROPERTIES.filter(({ name, statements }) =>
    statement === 'topic' ? TOPIC_PROPERTIES.has(name) : statements.includes(statement) && !NOT_OFFERED.has(name),
  )
    .filter(isFree)
    .map((property) => ({ name: property.name, docs: property.docs, snippet: snippetOf(property) }));
}

/** What ASSERT TOPIC compares. */
const TOPIC_PROPERTIES: ReadonlySet<string> = new Set(['PARTITIONS', 'REPLICAS']);

/** The properties of a connector: those of its class where it is built in, of all classes before that is known. */
function connectorProperties(connectorClass: string | undefined): readonly OfferedProperty[] {
  const own = BUILT_IN_CONNECTORS.filter(
    (connector) => connectorClass === undefined || isClassOf(connector, connectorClass),
  ).flatMap((connector) =>
    connector.properties
      .filter((property) => !isCommon(property))
      .map((property) => offered(property, `${shortName(connector)}: `)),
  );
  const common = BUILT_IN_CONNECTORS[0]!.properties.filter(isCommon);
  return [...[CONNECTOR_CLASS, ...common].map((property) => offered(property)), ...own];
}

/** Whether all built-in connectors have a property, so that others are likely to have it as well. */
const isCommon = ({ name }: ConnectorProperty): boolean =>
  BUILT_IN_CONNECTORS.every(({ properties }) => properties.some((each) => each.name === name));

const offered = ({ name, docs, sample = '$1' }: ConnectorProperty, whose = ''): OfferedProperty => ({
  name,
  docs: whose + docs,
  snippet: `'${sample}'`,
});

/** What every connector has, built in or not. */
const CONNECTOR_CLASS: ConnectorProperty = {
  name: 'connector.class',
  docs: `The class of the connector. ${BUILT_IN_CONNECTORS.map(({ className }) => `\`${className}\``).join(' and ')} are built in.`,
  values: BUILT_IN_CONNECTORS.map(({ className }) => className),
};

/** The values of a property, where only some are possible; `name` as completion asks for it, in capitals. */
export function valuesOf(statement: WithStatement, name: string): readonly string[] {
  if (statement !== 'connector') return WITH_PROPERTIES.find((property) => property.name === name)?.values ?? [];
  const named = [CONNECTOR_CLASS, ...BUILT_IN_CONNECTORS.flatMap(({ properties }) => properties)].filter(
    (property) => property.name.toUpperCase() === name,
  );
  return [...new Set(named.flatMap((property) => property.values ?? []))];
}

function snippetOf({ name, type, values }: WithProperty): string {
  const sample = SAMPLES[name];
  const place = values === undefined ? (sample === undefined ? '$1' : `\${1:${sample}}`) : `\${1|${values.join(',')}|}`;
  return type === 'STRING' ? `'${place}'` : place;
}
