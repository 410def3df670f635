import * as l10n from '@vscode/l10n';
import type {
  AxisX,
  AxisY,
  ChartData,
  ChartKind,
  ChartPicture,
  ChartSettings,
  Measure,
  SeriesBy,
} from '../../charts/chart-types.ts';

/** A number in a chart: with separators, and as many digits as one reads at a glance. */
export const shortNumber = (value: number): string =>
  value.toLocaleString('en-US', {
    maximumSignificantDigits: Math.abs(value) < 1_000_000 ? 6 : 15,
    maximumFractionDigits: 2,
    roundingPriority: 'lessPrecision',
  });

/** A number on an axis or a gauge, where there is little room: `1.2M`. */
export const compactNumber = (value: number, digits = 3): string =>
  Math.abs(value) < 100_000
    ? shortNumber(value)
    : value.toLocaleString('en-US', { notation: 'compact', maximumSignificantDigits: digits });

/** A column of the settings as people know it. */
const named = (name: string): string => name.slice(1);

export const axisText = (x: AxisX): string =>
  x === 'record' ? l10n.t('event time') : x === 'order' ? l10n.t('row number') : named(x);

export const valueText = (y: AxisY): string => (y === 'rows' ? l10n.t('number of rows') : named(y));

export const seriesText = (series: SeriesBy): string =>
  series === 'none' ? l10n.t('nothing') : series === 'key' ? l10n.t('key') : named(series);

export const KIND_TEXTS: Readonly<Record<ChartKind, string>> = {
  line: l10n.t('Lines'),
  area: l10n.t('Areas'),
  stacked: l10n.t('Stacked bars'),
  bars: l10n.t('Bars'),
  gauges: l10n.t('Gauges'),
};

export const MEASURE_TEXTS: Readonly<Record<Measure, string>> = {
  last: l10n.t('last'),
  average: l10n.t('average'),
  sum: l10n.t('sum'),
  lowest: l10n.t('lowest'),
  highest: l10n.t('highest'),
  count: l10n.t('count'),
};

/** A picture whose only series, where nothing tells several apart, has the name of what is drawn. */
export function withNames({ picture, settings }: ChartData): ChartPicture {
  if (settings.series !== 'none') return picture;
  const name = valueText(settings.y);
  const named = <T>(all: readonly T[]) => all.map((each) => ({ ...each, name }));
  return picture.kind === 'axis'
    ? { ...picture, lines: named(picture.lines) }
    : { ...picture, entries: named(picture.entries) };
}

/** What a chart shows, in words. */
export function chartTitle({ y, measure, series }: ChartSettings): string {
  const what = y === 'rows' ? valueText(y) : `${MEASURE_TEXTS[measure]} ${valueText(y)}`;
  return series === 'none' ? what : l10n.t('{0} by {1}', what, seriesText(series));
}
