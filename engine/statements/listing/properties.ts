import type { ListProperties } from '../../../language/generated/ast.ts';
import { findProperty } from '../../../language/settings/properties.ts';
import { CONFIG_PROPERTIES, type ConfigProperty } from '../../../language/settings/property-table.ts';
import type { PropertyInfo } from '../../api/protocol.ts';
import type { EngineServices } from '../../runtime/engine-services.ts';
import { bareName, isPropertyEditable, type PropertyMap } from '../../runtime/session/session-properties.ts';
import type { StatementHandler } from '../preparation/statement-handler.ts';

const STREAMS_PREFIX = 'ksql.streams.';

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

/** Settings of Kafka Streams and its clients are listed under the prefix that says so. */
const listedName = ({ group, name }: ConfigProperty): string =>
  group === 'ksql' || name.startsWith(STREAMS_PREFIX) ? name : `${STREAMS_PREFIX}${name}`;

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

/** What the server was started with, whether as a property or otherwise. */
const serverSettings = ({ serverProperties, serviceId, hostAndPort, broker }: EngineServices): PropertyMap =>
  new Map([
    ['application.server', `http://${hostAndPort}`],
    ['bootstrap.servers', broker.description],
    ...serverProperties,
    ...(serviceId === findProperty('ksql.service.id')?.default ? [] : ([['ksql.service.id', serviceId]] as const)),
  ]);

export const listProperties: StatementHandler<ListProperties> = {
  async execute({ text }, { services, session }) {
    const set = new Map<string, string>();
    for (const [name, value] of [...serverSettings(services), ...session.properties]) set.set(bareName(name), value);
    const shown = CONFIG_PROPERTIES.filter(({ name, group }) => group === 'ksql' || set.has(bareName(name)));
    // Those of clients, such as `producer.batch.size`, are known by what follows their prefix.
    const known = new Set(shown.map(({ name }) => bareName(name)));
    const ofClients = [...set.keys()].filter((name) => !known.has(name)).flatMap((name) => findProperty(name) ?? []);
    // What only has a known beginning may be a secret, and has no description.
    const properties = [...shown, ...ofClients].filter(({ type, docs }) => type !== 'PASSWORD' && docs !== '');
    return {
      '@type': 'properties',
      statementText: text,
      properties: properties.map((property) =>
        propertyInfo(property, set.get(bareName(property.name)) ?? property.default),
      ),
      overwrittenProperties: [...session.properties.keys()].flatMap((name) => findProperty(name) ?? []).map(listedName),
      defaultProperties: properties.filter(({ name }) => !set.has(bareName(name))).map(listedName),
      warnings: [],
    };
  },
};
