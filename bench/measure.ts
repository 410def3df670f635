/** What a run took, by the clock and of this process's CPU. */
export interface Cost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

export async function measure(run: () => Promise<void>): Promise<Cost> {
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(cpu);
  return { wallSeconds: (performance.now() - startedMs) / 1000, cpuSeconds: (user + system) / 1e6 };
}

/** `1,234,567`, rounded to three digits, because no more of them mean anything. */
export const rounded = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en-US');

/** The middle one of some measurements. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
