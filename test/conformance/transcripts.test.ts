import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../engine/broker/embedded/memory-broker.ts';
import { Engine } from '../../engine/index.ts';
import { type RestServer, startServer } from '../../engine/rest/server.ts';
import { MemoryRegistry } from '../../engine/serde/schemas/memory-registry.ts';
import { documentedCounts } from './documented-counts.ts';

const TOOL = path.resolve(import.meta.dirname, '../../../shared/tools/transcripts.mjs');

/** Replays recorded sessions in a process of its own; gives all that it prints. */
function replay(server: RestServer): Promise<string> {
  const child = spawn(process.execPath, [TOOL, 'replay', '--server', server.url, '--quiet', '--patience', '5']);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}

describe.skipIf(!existsSync(TOOL))(
  "recorded sessions with ksqlDB's REST API (skipped where ../shared is missing)",
  () => {
    let engine: Engine;
    let server: RestServer;

    beforeAll(async () => {
      // The recorded server takes a Connect for granted at this address, where none was. Without being told of it this
      // engine does not.
      const connectUrl = 'http://localhost:8083';
      engine = await Engine.open({ broker: new MemoryBroker(), registry: new MemoryRegistry(), connectUrl });
      server = await startServer(engine, { host: '127.0.0.1', port: 0 });
    });

    afterAll(async () => {
      await server.close();
      await engine.close();
    });

    test('the engine answers as ksqlDB did', { timeout: 180_000 }, async () => {
      const output = await replay(server);
      const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? [];
      // What cannot be the same: the recorded server stood at `localhost:38288`, and a row that says where it comes
      // from names it.
      expect({ passed: Number(passed), failed: Number(failed), needsJava: 0 }, output).toEqual(
        documentedCounts('recorded REST sessions'),
      );
    });
  },
);
