import { CONFIG_PROPERTIES, type ConfigProperty } from '../../language/analysis/property-table.ts';
import type { ListProperties } from '../../language/generated/ast.ts';
import type { PropertyInfo } from '../rest/protocol.ts';
import { bareName, isPropertyEditable } from '../runtime/session-properties.ts';
import type { StatementHandler } from './statement-handler.ts';

/** Settings that a query keeps to itself; all others belong to the server. */
const QUERY_LEVEL = new Set([
  'auto.offset.reset',
  'buffered.records.per.partition',
  'cache.max.bytes.buffering',
  'ksql.fail.on.deserialization.error',
  'ksql.cast.strings.preserve.nulls',
  'ksql.nested.error.set.null',
  'ksql.query.retry.backoff.max.ms',
  'ksql.query.pull.max.allowed.offset.lag',
  'ksql.query.pull.table.scan.enabled',
  'ksql.timestamp.throw.on.invalid',
  'max.task.idle.ms',
  'task.timeout.ms',
]);

/** Settings of Kafka Streams are listed under the prefix that says so. */
const listedName = (property: ConfigProperty): string =>
  property.group === 'ksql' ? property.name : `ksql.streams.${property.name}`;

function propertyInfo(property: ConfigProperty, value: string | undefined): PropertyInfo {
  const name = listedName(property);
  const queryLevel = QUERY_LEVEL.has(name);
  return {
    name,
    scope: 'KSQL',
    value: value ?? null,
    // A setting of Kafka Streams can be overridden by each query; of ksqlDB's own only those of the query level can.
    editable: isPropertyEditable(property.name) && (queryLevel || property.group !== 'ksql'),
    level: queryLevel ? 'QUERY' : 'SERVER',
  };
}

export const listProperties: StatementHandler<ListProperties> = {
  async execute({ text }, { services, session }) {
    const set = new Map<string, string>();
    for (const [name, value] of [...services.serverProperties, ...session.properties]) set.set(bareName(name), value);
    const known = new Set(CONFIG_PROPERTIES.map((property) => property.name));
    const properties: PropertyInfo[] = [];
    for (const property of CONFIG_PROPERTIES) {
      const value = set.get(property.name);
      if (property.type === 'PASSWORD') continue;
      if (property.group === 'ksql' || value !== undefined)
        properties.push(propertyInfo(property, value ?? property.default));
    }
    const overwritten = CONFIG_PROPERTIES.filter(
      (property) => session.properties.has(property.name) || session.properties.has(listedName(property)),
    );
    return {
      '@type': 'properties',
      statementText: text,
      properties,
      overwrittenProperties: overwritten.map(listedName),
      defaultProperties: properties
        .map(({ name }) => name)
        .filter((name) => !set.has(bareName(name)) && known.has(bareName(name))),
      warnings: [],
    };
  },
};
