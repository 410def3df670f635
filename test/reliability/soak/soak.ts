import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SeededRandom } from '../../../engine/connectors/datagen/random.ts';
import { type DamageReport, tryDamage } from './damage.ts';
import { disturbances, mountSmallDisk } from './disturbances.ts';
import { EngineUnderTest, type UnexpectedEnd } from './engine-under-test.ts';
import { Prober } from './load.ts';
import { type RoundReport, runRound } from './round.ts';

/** Room for the rows of a round several times over, and small enough to be filled in a moment. */
const DISK_MEGABYTES = 1024;

export interface SoakOptions {
  readonly rounds: number;
  /** How long a round's load goes on. */
  readonly roundMs: number;
  /** Further options of `ksql serve`. */
  readonly serveOptions: readonly string[];
  readonly seed: number;
  /** Told of each round when it has ended. */
  readonly onRound?: (report: RoundReport) => void;
}

export interface SoakReport {
  readonly rounds: readonly RoundReport[];
  readonly damages: readonly DamageReport[];
  readonly unexpectedEnds: readonly UnexpectedEnd[];
  /** How long `/info` took, sorted, in milliseconds. */
  readonly infoMs: readonly number[];
  readonly infoFailures: number;
  /** What could not be done here, and why. */
  readonly skipped: readonly string[];
}

/** Loads one engine for many rounds, in each of which something else goes wrong. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ksql-soak-'));
  const disk = path.join(folder, 'disk');
  mkdirSync(disk);
  const unmount = mountSmallDisk(disk, DISK_MEGABYTES);
  const skipped = unmount === undefined ? ['The full disk: this process may not mount one.'] : [];
  const stateDir = path.join(disk, 'state');
  const engine = new EngineUnderTest(['--state-dir', stateDir, ...options.serveOptions]);
  const random = new SeededRandom(options.seed);
  const rounds: RoundReport[] = [];
  const damages: DamageReport[] = [];
  try {
    await engine.start();
    const prober = new Prober(engine);
    const kinds = disturbances(unmount === undefined ? undefined : disk);
    for (let number = 0; number < options.rounds; number++) {
      const disturbance = kinds[number % kinds.length]!;
      const report = await runRound(engine, { number, durationMs: options.roundMs, disturbance });
      rounds.push(report);
      options.onRound?.(report);
    }
    await prober.stop();
    await engine.stop();
    for (let i = 0; i < options.rounds; i++)
      damages.push(await tryDamage(stateDir, path.join(folder, 'copy'), options.serveOptions, random));
    const infoMs = prober.latenciesMs.sort((a, b) => a - b);
    return { rounds, damages, unexpectedEnds: engine.unexpectedEnds, infoMs, infoFailures: prober.failures, skipped };
  } finally {
    await engine.kill();
    unmount?.();
    rmSync(folder, { recursive: true, force: true });
  }
}
