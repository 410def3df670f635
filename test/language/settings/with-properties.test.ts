import { describe, expect, test } from 'vitest';
import { findProperty, isEditable, propertyValueProblem } from '../../../language/settings/properties.ts';
import { CONFIG_PROPERTIES } from '../../../language/settings/property-table.ts';
import {
  readWithClause,
  WITH_PROPERTIES,
  type WithEntry,
  type WithStatement,
} from '../../../language/settings/with-properties.ts';
import { AnalysisError } from '../../../language/text/analysis-error.ts';

const RANGE = { start: 0, end: 1 };

function read(values: Readonly<Record<string, WithEntry['value']>>, statement: WithStatement = 'create') {
  const entries = Object.entries(values).map(
    ([name, value]): WithEntry => ({ name, value, text: String(value), nameRange: RANGE, valueRange: RANGE }),
  );
  return readWithClause(entries, statement, RANGE);
}

function faultOf(...args: Parameters<typeof read>): string {
  try {
    read(...args);
  } catch (error) {
    if (error instanceof AnalysisError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('WITH', () => {
  test('takes names in any case, and numbers and switches as texts', () => {
    const { values } = read({ kafka_topic: 't', Partitions: '4', WRAP_SINGLE_VALUE: 'TRUE' });
    expect([...values]).toEqual([
      ['KAFKA_TOPIC', 't'],
      ['PARTITIONS', 4],
      ['WRAP_SINGLE_VALUE', true],
    ]);
  });

  test.each<[fault: string, values: Parameters<typeof read>[0]]>([
    ['invalid-property-value', { KAFKA_TOPIC: '' }],
    ['invalid-property-value', { KAFKA_TOPIC: 't', PARTITIONS: '1.5' }],
    ['invalid-property-value', { KAFKA_TOPIC: 't', PARTITIONS: '2147483648' }],
    ['invalid-property-value', { KAFKA_TOPIC: 't', REPLICAS: '32768' }],
    ['invalid-property-value', { KAFKA_TOPIC: 't', VALUE_DELIMITER: '' }],
    ['invalid-property-value', { KAFKA_TOPIC: 't', WINDOW_TYPE: 'ROLLING' }],
    ['missing-property', { KAFKA_TOPIC: 't', WINDOW_TYPE: 'TUMBLING' }],
    ['missing-property', { VALUE_FORMAT: 'JSON' }],
    ['conflicting-properties', { KAFKA_TOPIC: 't', FORMAT: 'JSON', KEY_FORMAT: 'JSON' }],
    ['duplicate-property', { KAFKA_TOPIC: 't', kafka_topic: 't' }],
    ['unknown-property', { KAFKA_TOPIC: 't', TOPICS: 't' }],
    ['accepted', { KAFKA_TOPIC: 't', WINDOW_TYPE: 'session' }],
    ['accepted', { KAFKA_TOPIC: 't', RETENTION_MS: '-1' }],
  ])('%s: %j', (fault, values) => expect(faultOf(values)).toBe(fault));

  test('each property is taken by the statements that it names, and by no others', () => {
    const rest = { KAFKA_TOPIC: 't' };
    for (const { name, statements } of WITH_PROPERTIES)
      for (const statement of ['create', 'create-as', 'insert'] as const) {
        const fault = faultOf({ ...(statement === 'insert' ? {} : rest), [name]: 'x' }, statement);
        expect([name, statement, fault === 'unknown-property']).toEqual([
          name,
          statement,
          !statements.includes(statement),
        ]);
      }
  });
});

describe('SET', () => {
  test('a property is found under the prefixes of its clients', () => {
    expect(findProperty('auto.offset.reset')).toBeDefined();
    expect(findProperty('ksql.streams.consumer.auto.offset.reset')).toMatchObject({
      name: 'ksql.streams.consumer.auto.offset.reset',
    });
    expect(findProperty('auto.offset.rest')).toBeUndefined();
    expect(isEditable(findProperty('ksql.service.id')!)).toBe(false);
  });

  test('every default is a value that its property can have', () => {
    for (const property of CONFIG_PROPERTIES) {
      const { name, type, default: value } = property;
      if (value === undefined || value === '' || type === 'CLASS') continue;
      expect([name, propertyValueProblem(property, value)]).toEqual([name, undefined]);
    }
  });

  test('says what it is a value of', () => {
    const property = findProperty('auto.offset.reset')!;
    expect(propertyValueProblem(property, 'first')).toMatch(
      /^Invalid value first for configuration auto\.offset\.reset: /,
    );
    expect(propertyValueProblem(property, 'first', 'property')).toMatch(/^Invalid value first for property /);
    expect(propertyValueProblem(property, 'latest')).toBeUndefined();
  });
});
