import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ConnectorConfig, ConnectorPlugin } from '../../../engine/connectors/configuration/connector.ts';
import { FolderFiles } from '../../../engine/connectors/configuration/folder-files.ts';
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
const files = new FolderFiles(() => ({ named: [folder] }));
const SCHEMA = JSON.stringify({ type: 'record', name: 'r', fields: [{ name: 'a', type: 'int' }] });

/** The properties that a connector looks at when it is made. */
async function readOf(plugin: ConnectorPlugin, configs: readonly ConnectorConfig[]): Promise<Set<string>> {
  const read = new Set<string>();
  for (const config of configs) {
    const watched = new Proxy(config, {
      get(target, name) {
        read.add(String(name));
        return target[String(name)];
      },
    });
    await plugin.open(watched);
  }
  return read;
}

test.each<[string, BuiltInConnector, ConnectorPlugin, readonly ConnectorConfig[]]>([
  [
    'datagen',
    DATAGEN_CONNECTOR,
    datagen({ files, registry: undefined }),
    [
      { 'kafka.topic': 't', quickstart: 'ratings' },
      { 'kafka.topic': 't', 'schema.string': SCHEMA },
    ],
  ],
  ['files', FILE_CONNECTOR, fileSource(files), [{ 'kafka.topic': 't', file: 'rows.csv' }]],
])(
  '%s: the properties that it reads are those that it declares, and those are what the editor offers',
  async (...args) => {
    const [, { className, properties }, plugin, configs] = args;
    expect(plugin.className).toBe(className);
    expect(plugin.accepts(className)).toBe(true);
    expect([...(await readOf(plugin, configs))].sort()).toEqual(properties.map(({ name }) => name).sort());
  },
);
