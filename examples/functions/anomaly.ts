/**
 * A function of one's own: how unusual a reading of a sensor is, as the number of standard deviations from what is
 * usual. Scripts call it as ANOMALY(reading). Try it: ksql run examples/health.ksql --functions examples/functions
 */
const USUAL = { heartRate: { mean: 72, deviation: 9 }, temperature: { mean: 36.8, deviation: 0.35 } } as const;

type Reading = Partial<Record<keyof typeof USUAL, number>>;

export const ANOMALY = {
  summary: 'How unusual a reading is, in standard deviations: the most unusual of its values counts.',
  parameters: { reading: 'STRING' },
  returns: 'DOUBLE',
  evaluate(reading: string): number {
    const values = JSON.parse(reading) as Reading;
    const scores = Object.entries(USUAL).map(([name, { mean, deviation }]) => {
      const value = values[name as keyof Reading];
      return value === undefined ? 0 : Math.abs(value - mean) / deviation;
    });
    return Math.round(Math.max(...scores) * 100) / 100;
  },
};
