import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { MAVEN_MS, tools } from '../over-kafka/peers.ts';

/** A line of what `RestoreWithStreams.java` prints. */
export interface StreamsRestore {
  readonly version: string;
  readonly entries: number;
  readonly wall_s: number;
  readonly cpu_s: number;
}

export interface StreamsOptions {
  readonly bootstrap: string;
  /** The changelog is `APPLICATION-STORE-changelog`. */
  readonly application: string;
  readonly store: string;
  /** Any topic with as many partitions as the changelog. */
  readonly input: string;
  readonly rounds: number;
}

/** Restores a store in the Kafka Streams that ksqlDB brings along: once, and then some times that are told. */
export function restoreWithStreams(kind: 'rocksdb' | 'memory', options: StreamsOptions): readonly StreamsRestore[] {
  const { bootstrap, application, store, input, rounds } = options;
  const source = path.join(import.meta.dirname, 'RestoreWithStreams.java');
  const args = ['java', source, bootstrap, application, store, input, kind, String(rounds)];
  const printed = execFileSync(path.join(tools, 'ksqldb/ksqldb'), args, {
    encoding: 'utf8',
    timeout: MAVEN_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return printed
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as StreamsRestore);
}
