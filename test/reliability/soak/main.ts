/**
 * `npm run soak`: an hour of load while things go wrong, and a report with figures. Ends with 1 when a promise was
 * broken.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { RoundReport } from './round.ts';
import { type SoakReport, soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    'round-seconds': { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    memory: { type: 'string', default: '256MB' },
  },
});
const roundMs = Number(values['round-seconds']) * 1000;
// What a round takes besides its load was measured at a few seconds.
const rounds = Math.max(1, Math.round((Number(values.minutes) * 60_000) / (roundMs + 4_000)));
const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`;
const show = ({ round, disturbance, rows, copied, miscounted, residentBytes, problems }: RoundReport) =>
  console.log(
    `round ${round} · ${disturbance}: ${rows.acknowledged} rows acknowledged, ${rows.lost} lost, ${rows.doubled} doubled; copies ${copied.lost} lost, ${copied.doubled} doubled; ${miscounted} miscounted; ${megabytes(residentBytes)}${problems.map((problem) => `\n  ${problem}`).join('')}`,
  );

console.log(`${rounds} rounds of ${roundMs / 1000} s, seed ${values.seed}, on ${cpus().length} × ${cpus()[0]?.model}`);
const report = await soak({
  rounds,
  roundMs,
  seed: Number(values.seed),
  serveOptions: ['--memory', values.memory],
  onRound: show,
});
summarize(report);
process.exitCode = isKept(report) ? 0 : 1;

function summarize({ rounds: all, damages, unexpectedEnds, infoMs, infoFailures, skipped }: SoakReport): void {
  const sum = (of: (round: RoundReport) => number) => all.reduce((total, round) => total + of(round), 0);
  const resident = all.map(({ residentBytes }) => residentBytes).sort((a, b) => a - b);
  const outcomes = ['started', 'refused', 'failed'].map(
    (outcome) => `${damages.filter((damage) => damage.outcome === outcome).length} ${outcome}`,
  );
  console.log(`
acknowledged rows   ${sum(({ rows }) => rows.acknowledged)}: ${sum(({ rows }) => rows.lost)} lost, ${sum(({ rows }) => rows.doubled)} doubled
copied by a query   ${sum(({ copied }) => copied.lost)} lost, ${sum(({ copied }) => copied.doubled)} doubled (at least once)
counts              ${sum(({ miscounted }) => Math.abs(miscounted))} rows miscounted
process ends        ${unexpectedEnds.length}
/info               p50 ${at(infoMs, 0.5)} ms, p99 ${at(infoMs, 0.99)} ms, longest ${at(infoMs, 1)} ms of ${infoMs.length}; ${infoFailures} failed
memory              ${megabytes(resident[0] ?? 0)} to ${megabytes(resident.at(-1) ?? 0)}; first round ${megabytes(all[0]?.residentBytes ?? 0)}, last ${megabytes(all.at(-1)?.residentBytes ?? 0)}
damaged files       ${damages.length}: ${outcomes.join(', ')}
load                ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`);
  for (const end of unexpectedEnds) console.log(`ended by itself (${end.how}):\n${end.lastLines.join('\n')}`);
  for (const { file, outcome, message } of damages)
    if (outcome === 'failed') console.log(`damaged ${file}: ${message}`);
  for (const reason of skipped) console.log(`skipped: ${reason}`);
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
}

function isKept({ rounds: all, damages, unexpectedEnds }: SoakReport): boolean {
  return (
    unexpectedEnds.length === 0 &&
    damages.every(({ outcome }) => outcome !== 'failed') &&
    all.every(({ rows, copied, miscounted, problems }) =>
      [rows.lost, rows.doubled, copied.lost, miscounted, problems.length].every((count) => count === 0),
    )
  );
}
