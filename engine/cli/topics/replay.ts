import { readFileSync } from 'node:fs';
import type { KsqlClient } from '../../api/client.ts';
import { count } from '../../api/row-count.ts';
import { IN_ORDER } from '../../fixtures/disorder.ts';
import { type Fixture, FixtureError, ReplayError, readFixture, replayFixture } from '../../fixtures/replay-fixture.ts';
import { EXIT, type ExitCode, UsageError } from '../../script/exit-codes.ts';

export interface ReplayCommandOptions {
  /** How many times as fast as the records' times say; absent: as fast as they are taken. */
  readonly speed?: number;
  /** Whether the first record gets the present time, and the others keep their distance to it. */
  readonly startNow?: boolean;
  readonly seed?: number;
  /** These in seconds. */
  readonly jitter?: number;
  readonly lateBy?: number;
  readonly late?: number;
  readonly duplicates?: number;
}

/** @throws UsageError that names the file and the line */
export function readFixtureFile(file: string): Fixture {
  try {
    return readFixture(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof FixtureError) throw new UsageError(`${file}:${error.line}: ${error.message}`);
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/** `ksql replay`: writes the records of a fixture file into the topics of an engine. */
export async function replay(client: KsqlClient, file: string, options: ReplayCommandOptions): Promise<ExitCode> {
  const { late = 0, lateBy = 0 } = options;
  if (late > 0 && lateBy === 0) throw new UsageError('Say with --late-by how many seconds late they come.');
  const fixture = readFixtureFile(file);
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once('SIGINT', interrupt);
  try {
    const written = await replayFixture(client, fixture, {
      disorder: {
        seed: options.seed ?? IN_ORDER.seed,
        jitterMs: (options.jitter ?? 0) * 1000,
        lateShare: late,
        lateMs: lateBy * 1000,
        duplicateShare: options.duplicates ?? 0,
      },
      speed: options.speed,
      firstTimeMs: options.startNow ? Date.now() : undefined,
      signal: abort.signal,
    });
    process.stderr.write(`${written === 1 ? 'One record' : `${count(written)} records`} written\n`);
    return abort.signal.aborted ? EXIT.interrupted : EXIT.done;
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    process.stderr.write(`${file}: ${error.message}\n`);
    return EXIT.failed;
  } finally {
    process.off('SIGINT', interrupt);
  }
}
