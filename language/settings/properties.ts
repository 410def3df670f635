import { CONFIG_PROPERTIES, type ConfigProperty } from './property-table.ts';

const BY_NAME: ReadonlyMap<string, ConfigProperty> = new Map(
  CONFIG_PROPERTIES.map((property) => [property.name, property]),
);

/** Prefixes that narrow a client setting to one of the clients of a query. */
const CLIENT_PREFIXES = [
  'main.consumer.',
  'restore.consumer.',
  'global.consumer.',
  'consumer.',
  'producer.',
  'admin.',
  'topic.',
];

/**
 * Prefixes under which any name is taken: settings of functions and of clients that the engine passes on as they are.
 */
const OPEN_PREFIXES = [
  'ksql.functions.',
  'ksql.schema.registry.',
  'ksql.connect.',
  'ksql.internal.',
  'request.ksql.',
  '__emit.interval.ms.',
  'ssl.',
  'sasl.',
];

/**
 * What a name given to SET stands for; the prefixes that ksqlDB knows (`ksql.streams.`, `consumer.` …) are looked
 * through. Undefined for a name that nothing knows.
 */
export function findProperty(name: string): ConfigProperty | undefined {
  const exact = BY_NAME.get(name);
  if (exact) return exact;
  const withoutStreams = name.startsWith('ksql.streams.') ? name.slice('ksql.streams.'.length) : name;
  const prefix = CLIENT_PREFIXES.find((p) => withoutStreams.startsWith(p));
  const bare = prefix ? withoutStreams.slice(prefix.length) : withoutStreams;
  const found = bare === name ? undefined : BY_NAME.get(bare);
  if (found && found.group !== 'ksql') return { ...found, name };
  if (prefix === 'topic.' || OPEN_PREFIXES.some((p) => name.startsWith(p) && name.length > p.length)) {
    return { name, group: name.startsWith('ksql.') ? 'ksql' : 'streams', type: 'STRING', docs: '' };
  }
  return undefined;
}

/** Whether SET may set it, as far as the name goes; servers can deny more. */
export const isEditable = (property: ConfigProperty): boolean => !property.immutable;

/** A name of a class with its package; which classes there are only a Java server knows. */
const CLASS_NAME = /^[a-z_$][\w$]*(\.[a-z_$][\w$]*)+$/i;

/**
 * Why the value does not suit the property, in the words of Kafka's configuration, or undefined if it does.
 *
 * @param what the word for what it is: Kafka's clients say configuration, ksqlDB's SET says property
 */
export function propertyValueProblem(
  property: ConfigProperty,
  value: string,
  what: 'configuration' | 'property' = 'configuration',
): string | undefined {
  const invalid = (reason: string) => `Invalid value ${value} for ${what} ${property.name}: ${reason}`;
  const text = value.trim();
  switch (property.type) {
    case 'BOOLEAN':
      return /^(true|false)$/i.test(text) ? undefined : invalid('Expected value to be either true or false');
    case 'INT':
    case 'SHORT':
    case 'LONG':
      if (!/^[+-]?\d+$/.test(text)) return invalid(`Not a number of type ${property.type}`);
      return property.least !== undefined && Number(text) < property.least
        ? invalid(`Value must be at least ${property.least}`)
        : undefined;
    case 'DOUBLE':
      return text !== '' && Number.isFinite(Number(text)) ? undefined : invalid('Not a number of type DOUBLE');
    case 'CLASS':
      return CLASS_NAME.test(text) ? undefined : invalid(`Class ${text} could not be found.`);
    case 'STRING':
    case 'LIST':
    case 'PASSWORD':
      return property.values && !property.values.includes(text)
        ? invalid(`String must be one of: ${property.values.join(', ')}`)
        : undefined;
    default:
      return property.type satisfies never;
  }
}
