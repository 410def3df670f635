import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ConnectorConfig, ConnectorPlugin } from '../../../engine/connectors/configuration/connector.ts';
import { datagen } from '../../../engine/connectors/datagen/datagen.ts';
import { fileSource } from '../../../engine/connectors/file/file-source.ts';
import {
  type BuiltInConnector,
  DATAGEN_CONNECTOR,
  FILE_CONNECTOR,
} from '../../../language/documentation/connector-docs.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'ksql-connectors-'));
writeFileSync(path.join(folder, 'rows.csv'), 'a\n1\n');
afterAll(() => rmSync(folder, { recursive: true }));
const folders = () => ({ named: [folder], closed: undefined });
const SCHEMA = JSON.stringify({ type: 'record', name: 'r', fields: [{ name: 'a', type: 'int' }] });

/** The properties that a connector looks at when it is made. */
function readOf(plugin: ConnectorPlugin, configs: readonly ConnectorConfig[]): Set<string> {
  const read = new Set<string>();
  for (const config of configs) {
    const watched = new Proxy(config, {
      get(target, name) {
        read.add(String(name));
        return target[String(name)];
      },
    });
    plugin.open(watched);
  }
  return read;
}

test.each<[string, BuiltInConnector, ConnectorPlugin, readonly ConnectorConfig[]]>([
  [
    'datagen',
    DATAGEN_CONNECTOR,
    datagen({ folders, registry: undefined }),
    [
      { 'kafka.topic': 't', quickstart: 'ratings' },
      { 'kafka.topic': 't', 'schema.string': SCHEMA },
    ],
  ],
  ['files', FILE_CONNECTOR, fileSource(folders), [{ 'kafka.topic': 't', file: 'rows.csv' }]],
])('%s: the properties that it reads are those that it declares, and those are what the editor offers', (...args) => {
  const [, { className, properties }, plugin, configs] = args;
  expect(plugin.className).toBe(className);
  expect(plugin.accepts(className)).toBe(true);
  expect([...readOf(plugin, configs)].sort()).toEqual(properties.map(({ name }) => name).sort());
});
