/** Samples of a page in Prometheus' text form, by the metric that they are of. */
function samplesByMetric(page: string): ReadonlyMap<string, readonly string[]> {
  const samples = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Map.groupBy(samples, (sample) => /^\w+/.exec(sample)![0]);
}

const labelled = (sample: string, thread: number): string => {
  const [, name, labels, value] = /^(\w+)(?:\{(.*)\})? (.*)$/.exec(sample)!;
  return `${name}{${labels ? `${labels},` : ''}thread="${thread}"} ${value}`;
};

/**
 * Adds the figures of further threads to a page in Prometheus' text form, each sample with the number of its thread
 * (from 2 on) as a label; a metric's samples stay together, as the form wants it.
 */
export function withThreadSamples(page: string, threads: readonly string[]): string {
  if (threads.length === 0) return page;
  const ofThreads = threads.map(samplesByMetric);
  return page
    .split('\n\n')
    .map((block) => {
      const [, metric] = /^# TYPE (\w+)/m.exec(block) ?? [];
      const more = ofThreads.flatMap((samples, i) =>
        (samples.get(metric ?? '') ?? []).map((sample) => labelled(sample, i + 2)),
      );
      return more.length === 0 ? block : `${block.trimEnd()}\n${more.join('\n')}\n`;
    })
    .join('\n\n');
}
