import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogOutputChannel } from 'vscode';
import { EngineProcess, type EngineSettings } from '../../../client/connections/engine-process.ts';
import { EngineProcessError, StorageInUse } from '../../../client/connections/running-engine.ts';
import { CLI, Workplace } from '../../support/ksql-command.ts';

const place = new Workplace();
const said: string[] = [];
const keep = (line: string): void => void said.push(line);
const log = { info: keep, warn: keep } as Partial<LogOutputChannel> as LogOutputChannel;
let settings: EngineSettings;

beforeAll(() => {
  // In the place of the bundle: the command line from its sources.
  place.write('ksql.mjs', `await import(${JSON.stringify(pathToFileURL(CLI).href)});\n`);
  const workspace = path.join(place.folder, 'workspace');
  mkdirSync(workspace);
  writeFileSync(path.join(workspace, 'rows.json'), '{"x": 1}\n');
  const folders = [workspace, path.join(place.folder, 'gone')];
  settings = { distPath: place.folder, folders, functionFolders: [], properties: { 'ksql.service.id': 'window' } };
});
afterAll(() => place.remove());

test('an engine is started on a free port with a token that is not said; what a folder holds can be read', async () => {
  const engine = await EngineProcess.start(settings, log);
  try {
    expect((await engine.client.info()).KsqlServerInfo).toMatchObject({ ksqlServiceId: 'window' });
    const entities = await engine.client.execute(
      "CREATE SOURCE CONNECTOR rows WITH ('connector.class' = 'FileSourceConnector', 'file' = 'rows.json', 'kafka.topic' = 'rows');",
    );
    expect(entities).toMatchObject([{ '@type': 'connector_info' }]);
    expect(said.join('\n')).toMatch(/listening on http:/);
    expect(said.join('\n')).not.toMatch(/token/);
  } finally {
    await engine.stop();
  }
});

test('storage that another window has is known as such, and free again once its engine is stopped', async () => {
  const kept = { ...settings, stateFolder: path.join(place.folder, 'storage'), isImpatient: true };
  const first = await EngineProcess.start(kept, log);
  await expect(EngineProcess.start(kept, log)).rejects.toBeInstanceOf(StorageInUse);
  await first.stop();
  const second = await EngineProcess.start({ ...kept, emptied: true }, log);
  await second.stop();
}, 60_000);

test('why an engine does not start is told as people are told it', async () => {
  const starting = EngineProcess.start({ ...settings, bootstrapServers: '127.0.0.1:1' }, log);
  await expect(starting).rejects.toBeInstanceOf(EngineProcessError);
  await expect(starting).rejects.toThrow(
    /^Kafka broker 127\.0\.0\.1:1: connect ECONNREFUSED .* whether the broker runs\.$/,
  );
}, 60_000);
