import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../../engine/index.ts';
import { openEngine } from '../../../../engine/open-engine.ts';
import { FUNCTIONS } from '../../../../language/functions/catalogue.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ properties: {} });
});
afterAll(() => engine.close());

async function variants(name: string) {
  const [entity] = await engine.execute(`DESCRIBE FUNCTION ${name};`);
  if (entity?.['@type'] !== 'describe_function') throw new TypeError('DESCRIBE FUNCTION describes a function');
  return entity.functions;
}

/** As ksqlDB 7.9.9 describes them. */
test.each<[name: string, argumentTypes: readonly string[], returnType: string]>([
  ['AVG', ['INT'], 'DOUBLE'],
  ['SUM', ['INT'], 'INT'],
  ['SUM', ['DECIMAL'], 'DECIMAL'],
  ['MAX', ['DATE'], 'DATE'],
  ['MIN', ['VARCHAR'], 'VARCHAR'],
  ['STDDEV_SAMP', ['BIGINT'], 'DOUBLE'],
  ['TOPKDISTINCT', ['DECIMAL', 'INT'], 'ARRAY<DECIMAL>'],
  ['ENTRIES', ['MAP<VARCHAR, BIGINT>', 'BOOLEAN'], 'ARRAY<STRUCT<K VARCHAR, V BIGINT>>'],
  ['COALESCE', ['T', 'T'], 'T'],
  ['DATEADD', ['INTERVAL UNIT', 'INT', 'DATE'], 'DATE'],
])('%s(%s) returns %s', async (name, argumentTypes, returnType) => {
  expect(await variants(name)).toContainEqual(expect.objectContaining({ argumentTypes, returnType }));
});

test('every function is described, and returns a variable only where a parameter has it', async () => {
  for (const name of FUNCTIONS.keys()) {
    for (const { argumentTypes, returnType } of await variants(name))
      if (returnType === 'T') expect(argumentTypes.join(), name).toMatch(/\bT\b/);
  }
});
