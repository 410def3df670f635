import type { Profiler } from 'node:inspector';

/**
 * Prints the steps of a profile by the share of samples that fell into them.
 * @param root the folder that places are told from
 * @param steps how many, of those with the most
 */
export function printSamples(profile: Profiler.Profile, root: string, steps: number): void {
  const places = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName || '(anonymous)'} ${url.replace(`file://${root}/`, '')}${url === '' ? '' : `:${lineNumber + 1}`}`,
    ]),
  );
  const microseconds = new Map<string, number>();
  profile.samples!.forEach((id, i) => {
    const place = places.get(id)!;
    microseconds.set(place, (microseconds.get(place) ?? 0) + profile.timeDeltas![i]!);
  });
  // Neither what waits nor the profiler's own start is a step.
  for (const place of [...microseconds.keys()])
    if (place.startsWith('(idle)') || place.startsWith('post node:inspector')) microseconds.delete(place);
  const total = [...microseconds.values()].reduce((sum, each) => sum + each, 0);
  console.log(`${(total / 1000).toFixed(0)} ms in all`);
  for (const [place, each] of [...microseconds].sort(([, a], [, b]) => b - a).slice(0, steps))
    console.log(`${((100 * each) / total).toFixed(1).padStart(5)}%  ${place}`);
}
