/** All ways to divide so many runs are gone through; of more of them a sample of so many is. */
const MOST = 20_000;
const RESAMPLINGS = 4000;
/** What is as large but for rounding counts as as large. */
const EPSILON = 1e-12;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const logs = (values: readonly number[]): number[] => values.map(Math.log);

/** Differences of pairs, run by run. */
const differences = (a: readonly number[], b: readonly number[]): number[] =>
  logs(b).map((x, i) => x - Math.log(a[i]!));

/** Numbers below 1 that look like chance and are the same every time. */
function chance(): () => number {
  let state = 0x2545f491;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** How much larger b is than a, as the logarithm of the ratio of their geometric means. */
export const logRatio = (a: readonly number[], b: readonly number[], paired: boolean): number =>
  paired ? mean(differences(a, b)) : mean(logs(b)) - mean(logs(a));

/**
 * How often a difference as large as this one, in either direction, comes of dividing the runs at random: pairs turned
 * around, or all runs mixed. Exact up to {@link MOST} divisions, above that estimated.
 */
export function permutationTest(a: readonly number[], b: readonly number[], paired: boolean): number {
  const observed = Math.abs(logRatio(a, b, paired)) - EPSILON;
  let all = 0;
  let asLarge = 0;
  for (const difference of paired ? turned(differences(a, b)) : mixed(logs(a), logs(b))) {
    all++;
    if (Math.abs(difference) >= observed) asLarge++;
  }
  return asLarge / all;
}

/** The smallest result that {@link permutationTest} could give for so many runs. */
export const mayDiffer = (a: readonly number[], b: readonly number[], paired: boolean): number =>
  paired ? 2 / 2 ** a.length : (a.length === b.length ? 2 : 1) / choose(a.length + b.length, a.length);

function* turned(of: readonly number[]): Iterable<number> {
  const random = chance();
  const isExact = 2 ** of.length <= MOST;
  const count = isExact ? 2 ** of.length : MOST;
  for (let i = 0; i < count; i++)
    yield mean(of.map((value, at) => ((isExact ? (i >> at) & 1 : random() < 0.5) ? -value : value)));
}

function* mixed(a: readonly number[], b: readonly number[]): Iterable<number> {
  const together = [...a, ...b];
  const total = together.reduce((sum, value) => sum + value, 0);
  const differenceOf = (sumOfA: number) => (total - sumOfA) / b.length - sumOfA / a.length;
  if (choose(together.length, a.length) <= MOST) {
    for (const sum of sumsOf(together, 0, a.length)) yield differenceOf(sum);
    return;
  }
  const random = chance();
  for (let i = 0; i < MOST; i++) {
    for (let at = together.length - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1));
      [together[at], together[other]] = [together[other]!, together[at]!];
    }
    yield differenceOf(together.slice(0, a.length).reduce((sum, value) => sum + value, 0));
  }
}

/** The sums of all choices of so many values from a place on. */
function* sumsOf(values: readonly number[], from: number, count: number): Iterable<number> {
  if (count === 0) {
    yield 0;
    return;
  }
  for (let at = from; at + count <= values.length; at++)
    for (const rest of sumsOf(values, at + 1, count - 1)) yield values[at]! + rest;
}

function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return Math.round(result);
}

/** Between which ratios 95% of resamplings of the runs lie (a percentile bootstrap: rough, where there are few). */
export function ratioInterval(a: readonly number[], b: readonly number[], paired: boolean): readonly [number, number] {
  const random = chance();
  const pick = (values: readonly number[]) => values.map(() => values[Math.floor(random() * values.length)]!);
  const [logA, logB] = [logs(a), logs(b)];
  const pairs = paired ? differences(a, b) : [];
  const found = Array.from({ length: RESAMPLINGS }, () =>
    paired ? mean(pick(pairs)) : mean(pick(logB)) - mean(pick(logA)),
  ).sort((x, y) => x - y);
  return [Math.exp(found[Math.floor(RESAMPLINGS * 0.025)]!), Math.exp(found[Math.ceil(RESAMPLINGS * 0.975) - 1]!)];
}
