import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EngineUnderTest } from './engine-under-test.ts';
import { Ledger } from './ledger.ts';
import { writer } from './load.ts';
import { rudeClient, slowClients } from './rude-clients.ts';

/** How long a disk stays full, in milliseconds. */
const FULL_DISK_MS = 3_000;
const MEGABYTE = Buffer.alloc(1024 * 1024);

/** Something that goes wrong while an engine works. */
export interface Disturbance {
  readonly name: string;
  /**
   * @param durationMs how long the load goes on
   * @param stream a stream that is written to
   * @returns what was not as it should be, besides what is reckoned up afterwards
   */
  during(engine: EngineUnderTest, durationMs: number, stream: string): Promise<readonly string[]>;
}

const nothing: Disturbance = { name: 'nothing', during: async () => [] };

/** Kills the engine without warning, several times. */
const kills: Disturbance = {
  name: 'kill -9, three times',
  async during(engine, durationMs) {
    for (let i = 0; i < 3; i++) {
      await wait(durationMs / 4);
      await engine.kill();
      await engine.start();
    }
    return [];
  },
};

/** Asks the engine to end while clients hang on to it. */
const restart: Disturbance = {
  name: 'SIGTERM and a start, with slow clients',
  async during(engine, durationMs, stream) {
    const clients = slowClients(engine, stream);
    await wait(durationMs / 2);
    await engine.stop();
    await clients.stop();
    await engine.start();
    return [];
  },
};

const rudeAndSlow: Disturbance = {
  name: 'rude and slow clients',
  async during(engine, durationMs, stream) {
    const workers = [rudeClient(engine), slowClients(engine, stream)];
    await wait(durationMs);
    await Promise.all(workers.map((worker) => worker.stop()));
    return [];
  },
};

/** Lets an aggregate grow with every row, beyond what the engine may take, and drops it when the load is over. */
const greedyQuery: Disturbance = {
  name: 'a query that takes all the memory it gets',
  async during(engine, durationMs) {
    const client = engine.client();
    const floods = [0, 1].map((i) =>
      writer(engine, new Ledger(), {
        stream: 'FLOOD',
        name: `f${i}`,
        rowsPerRequest: 50,
        pauseMs: 10,
        textLength: 4000,
      }),
    );
    try {
      await client.execute(`
        CREATE STREAM FLOOD (WRITER STRING KEY, N BIGINT, T STRING) WITH (KAFKA_TOPIC='FLOOD', VALUE_FORMAT='JSON', PARTITIONS=1);
        CREATE TABLE GREEDY AS SELECT T, COUNT(*) AS HOW_MANY FROM FLOOD GROUP BY T;`);
      await wait(durationMs);
      return engine.isUp ? [] : ['The engine ended of a greedy query.'];
    } finally {
      await Promise.all(floods.map((flood) => flood.stop()));
      await client.execute('DROP TABLE GREEDY DELETE TOPIC; DROP STREAM FLOOD DELETE TOPIC;');
      client.close();
    }
  },
};

/** Fills the disk that the state directory is on, and kills the engine while it is full. */
const fullDisk = (directory: string): Disturbance => ({
  name: 'a full disk, and kill -9 while it is full',
  async during(engine, durationMs) {
    await wait(durationMs / 3);
    const ballast = path.join(directory, 'ballast');
    fill(ballast);
    await wait(FULL_DISK_MS);
    const problems = engine.isUp ? [] : ['The engine ended while the disk was full.'];
    await engine.kill();
    rmSync(ballast);
    await engine.start();
    return problems;
  },
});

function fill(file: string): void {
  const descriptor = openSync(file, 'w');
  try {
    for (let chunk = MEGABYTE; chunk.length > 0; ) {
      try {
        writeSync(descriptor, chunk);
      } catch {
        chunk = chunk.subarray(0, Math.floor(chunk.length / 2));
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A small disk in memory at a folder, for filling it.
 * @returns what takes it away again, or undefined where this process may not make one
 */
export function mountSmallDisk(folder: string, sizeMegabytes: number): (() => void) | undefined {
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMegabytes}m`, 'tmpfs', folder]);
  return mounted.status === 0 ? () => spawnSync('umount', ['-l', folder]) : undefined;
}

/** All that can be done here, in the order in which rounds take them. */
export function disturbances(smallDisk: string | undefined): readonly Disturbance[] {
  return [nothing, kills, rudeAndSlow, greedyQuery, ...(smallDisk === undefined ? [] : [fullDisk(smallDisk)]), restart];
}
