import type uPlot from 'uplot';
import { compactNumber } from './chart-text.ts';
import type { ChartTheme } from './chart-theme.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Room for half of a date below the first mark of the other axis. */
const LEAST_CHARACTERS = 4;
const NO_CHANGE = [null, null, null, null, null, null] as const;
const CLOCK = '{HH}:{mm}:{ss}';

/**
 * How times are written along an axis, by the distance of its marks: for each distance the text of a mark, and the text
 * of the first one of another year, month, day, hour, minute, second.
 */
const TIME_TEXTS: (number | string | null)[][] = [
  [364 * DAY, '{YYYY}', ...NO_CHANGE, 1],
  [28 * DAY, '{YYYY}-{MM}', ...NO_CHANGE, 1],
  [DAY, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [MINUTE, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [SECOND, CLOCK, '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [1, `${CLOCK}.{fff}`, ...NO_CHANGE, 1],
];

interface AxisWishes {
  /** What stands along the axis from left to right. */
  readonly places: 'times' | 'milliseconds' | 'numbers';
  readonly theme: ChartTheme;
}

const lines = (theme: ChartTheme) => ({ stroke: theme.grid, width: 1 });

/** The axes of a chart from left to right and from bottom to top. */
export function plotAxes({ places, theme }: AxisWishes): uPlot.Axis[] {
  const shared = { stroke: theme.text, font: theme.font, ticks: { show: false }, gap: 4 };
  return [
    {
      ...shared,
      grid: { show: false },
      border: { show: true, ...lines(theme) },
      size: theme.fontSizePx * (places === 'times' ? 2.6 : 1.8),
      space: theme.fontSizePx * (places === 'milliseconds' ? 9 : 6),
      values: PLACE_TEXTS[places],
    },
    valueAxis(theme),
  ];
}

/** Numbers along an axis, with as many digits as tell them apart. */
const numberTexts = (_plot: uPlot, marks: number[], _axis: number, _space: number, distance: number): string[] => {
  const largest = Math.max(...marks.map(Math.abs));
  const digits = Math.min(15, Math.max(3, Math.ceil(Math.log10(largest / distance)) + 1));
  return marks.map((mark) => compactNumber(mark, digits));
};

const PLACE_TEXTS: Readonly<Record<AxisWishes['places'], uPlot.Axis.Values>> = {
  times: TIME_TEXTS,
  milliseconds: (_plot, marks) => marks.map(String),
  numbers: numberTexts,
};

/** The axis of values, as wide as its longest mark. */
export const valueAxis = (theme: ChartTheme): uPlot.Axis => ({
  stroke: theme.text,
  font: theme.font,
  ticks: { show: false },
  gap: 6,
  grid: lines(theme),
  space: theme.fontSizePx * 3,
  values: numberTexts,
  size: (_plot, texts) =>
    12 + theme.fontSizePx * 0.6 * Math.max(LEAST_CHARACTERS, ...(texts ?? []).map((text) => text?.length ?? 0)),
});
