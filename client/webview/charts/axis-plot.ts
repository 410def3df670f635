import uPlot from 'uplot';
import type { ChartRange, ChartSettings, OverAxis } from '../../charts/chart-types.ts';
import type { Display } from '../../results/display.ts';
import { type ChartTheme, faint } from './chart-theme.ts';
import { plotAxes } from './plot-axes.ts';

/** A drag that is shorter is a click, in pixels. */
const LEAST_DRAG_PX = 5;
/** How much of their room bars take, and at most how many pixels. */
const BAR_SIZE: [number, number] = [0.8, 60];

/** What a plot over an axis draws. */
export interface AxisDrawing {
  readonly settings: ChartSettings;
  readonly picture: OverAxis;
  /** How its times are written. */
  readonly timestamps: Display['timestamps'];
  readonly range: ChartRange | undefined;
  /** Numbers of the looks of its lines. */
  readonly looks: readonly number[];
  /** Lines that are not to be seen, by their place. */
  readonly hidden: ReadonlySet<number>;
}

export interface AxisPlotEvents {
  /** A part of the axis was chosen; all of it where it is undefined. */
  zoom(range: ChartRange | undefined): void;
  /** The pointer is at a place, by its number; undefined when it has left. */
  point(place: number | undefined): void;
}

/** Lines, areas or stacked bars over an axis from left to right. */
export class AxisPlot {
  readonly #events: AxisPlotEvents;
  readonly #host: HTMLElement;
  readonly #plot: uPlot;
  #drawing: AxisDrawing;

  constructor(host: HTMLElement, drawing: AxisDrawing, theme: ChartTheme, events: AxisPlotEvents) {
    this.#host = host;
    this.#events = events;
    this.#drawing = drawing;
    this.#plot = new uPlot(this.#options(theme), dataOf(drawing), host);
  }

  /** Whether another picture can be drawn without a new plot. */
  static fits(before: AxisDrawing, { settings, picture, looks, timestamps }: AxisDrawing): boolean {
    return (
      before.settings.kind === settings.kind &&
      before.picture.isTime === picture.isTime &&
      before.timestamps === timestamps &&
      (before.picture.spread === undefined) === (picture.spread === undefined) &&
      before.looks.join() === looks.join()
    );
  }

  show(drawing: AxisDrawing): void {
    this.#drawing = drawing;
    this.#plot.setData(dataOf(drawing));
  }

  resize(width: number, height: number): void {
    this.#plot.setSize({ width, height });
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #options(theme: ChartTheme): uPlot.Options {
    const { settings, picture, looks, timestamps } = this.#drawing;
    const isTime = picture.isTime && timestamps !== 'raw';
    const isStacked = settings.kind === 'stacked';
    const width = this.#host.clientWidth;
    const height = this.#host.clientHeight;
    const drawn = looks.map((look) => seriesOf(settings.kind, theme, look));
    const spread = picture.spread === undefined ? [] : [edge(), edge()];
    return {
      width,
      height,
      ms: 1,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      tzDate: (ms) => (timestamps === 'utc' ? uPlot.tzDate(new Date(ms), 'Etc/UTC') : new Date(ms)),
      scales: {
        x: { time: isTime, range: () => this.#rangeX() },
        y: { range: (_plot, min, max) => rangeY(settings.kind, min, max) },
      },
      axes: plotAxes({ places: isTime ? 'times' : picture.isTime ? 'milliseconds' : 'numbers', theme }),
      series: [{}, ...(isStacked ? drawn.toReversed() : drawn), ...spread],
      bands: picture.spread === undefined ? [] : [{ series: [3, 2], fill: faint(theme.look(looks[0]!).color) }],
      cursor: {
        drag: { x: true, y: false, setScale: false, dist: LEAST_DRAG_PX },
        points: { size: 6 },
        bind: { dblclick: () => () => this.#zoom(undefined) },
      },
      hooks: {
        setSelect: [(plot) => this.#selected(plot)],
        setCursor: [({ cursor }) => this.#events.point(cursor.idx ?? undefined)],
      },
    };
  }

  #selected(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < LEAST_DRAG_PX) return;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#zoom({ from: plot.posToVal(left, 'x'), to: plot.posToVal(left + width, 'x') });
  }

  #zoom(range: ChartRange | undefined): null {
    this.#events.zoom(range);
    return null;
  }

  #rangeX(): uPlot.Range.MinMax {
    const { range, picture, settings } = this.#drawing;
    if (range !== undefined) return [range.from, range.to];
    const { places } = picture;
    const [first, last] = [places[0], places.at(-1)];
    if (first === undefined || last === undefined) return [null, null];
    const half = settings.kind === 'stacked' || first === last ? (smallestGap(places) ?? 1) / 2 : 0;
    return [first - half, last + half];
  }
}

/** A line that only bounds the spread of another. */
const edge = (): uPlot.Series => ({ width: 0, points: { show: false }, spanGaps: true });

function seriesOf(kind: ChartSettings['kind'], theme: ChartTheme, look: number): uPlot.Series {
  const { color, dash } = theme.look(look);
  if (kind === 'stacked')
    return {
      stroke: color,
      fill: color,
      width: 0,
      paths: uPlot.paths.bars!({ size: BAR_SIZE }),
      points: { show: false },
    };
  const points = { size: 4, fill: color };
  const line = { stroke: color, width: 1.5, spanGaps: true, points, ...(dash && { dash }) };
  return kind === 'area' ? { ...line, fill: faint(color) } : line;
}

/** Bars and areas begin at zero. */
function rangeY(kind: ChartSettings['kind'], min: number | null, max: number | null): uPlot.Range.MinMax {
  if (min === null || max === null) return [0, 1];
  const [low, high] = kind === 'line' ? [min, max] : [Math.min(0, min), Math.max(0, max)];
  return uPlot.rangeNum(low, high, 0.1, true);
}

function smallestGap(places: readonly number[]): number | undefined {
  let smallest: number | undefined;
  for (let i = 1; i < places.length; i++) {
    const gap = places[i]! - places[i - 1]!;
    if (smallest === undefined || gap < smallest) smallest = gap;
  }
  return smallest;
}

/** The columns that uPlot draws: places, then lines. Stacked bars stand behind each other, the highest first. */
function dataOf({ settings, picture, hidden }: AxisDrawing): uPlot.AlignedData {
  const { places, lines, spread } = picture;
  const nothing = places.map(() => null);
  if (settings.kind === 'stacked') {
    const sums = places.map(() => 0);
    const bars = lines.map(({ values }, line) => {
      if (hidden.has(line)) return nothing;
      return values.map((value, i) => {
        sums[i]! += value ?? 0;
        return sums[i]!;
      });
    });
    return [[...places], ...bars.toReversed()];
  }
  const shown = lines.map(({ values }, line) => (hidden.has(line) ? nothing : [...values]));
  const edges = spread === undefined ? [] : hidden.has(0) ? [nothing, nothing] : [[...spread.low], [...spread.high]];
  return [[...places], ...shown, ...edges];
}
