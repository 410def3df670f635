import uPlot from 'uplot';
import type { Ranking } from '../../charts/chart-types.ts';
import { shortNumber } from './chart-text.ts';
import type { ChartTheme } from './chart-theme.ts';
import { valueAxis } from './plot-axes.ts';

/** The height of a bar with its room, in pixels: a row of VS Code's lists. */
const ROW_PX = 22;
/** How much of the width names may take. */
const NAMES_SHARE = 0.35;

/** A bar for each series, lying, the highest first. Those below zero have another colour. */
export class BarPlot {
  readonly #plot: uPlot;
  readonly #theme: ChartTheme;
  readonly #width: () => number;
  #ranking: Ranking;

  /** @param width of the room for it, in pixels */
  constructor(host: HTMLElement, ranking: Ranking, theme: ChartTheme, width: () => number) {
    this.#ranking = ranking;
    this.#theme = theme;
    this.#width = width;
    this.#plot = new uPlot(this.#options(), this.#data, host);
  }

  show(ranking: Ranking): void {
    this.#ranking = ranking;
    this.resize();
    this.#plot.setData(this.#data);
  }

  resize(): void {
    const { width, height } = this.#size;
    if (this.#plot.width !== width || this.#plot.height !== height) this.#plot.setSize({ width, height });
  }

  destroy(): void {
    this.#plot.destroy();
  }

  get #size() {
    return { width: this.#width(), height: Math.max(1, this.#ranking.entries.length) * ROW_PX + 8 };
  }

  get #data(): uPlot.AlignedData {
    const { entries } = this.#ranking;
    return [entries.map((_, i) => i), entries.map(({ value }) => value)];
  }

  #options(): uPlot.Options {
    const theme = this.#theme;
    const { color } = theme.look(0);
    const colors = () => this.#ranking.entries.map(({ value }) => (value < 0 ? theme.negative : color));
    return {
      ...this.#size,
      padding: [4, theme.fontSizePx * 6, 4, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, ori: 1, dir: -1, range: () => [-0.5, Math.max(1, this.#ranking.entries.length) - 0.5] },
        y: { ori: 0, range: (_plot, min, max) => [Math.min(0, min ?? 0), Math.max(0, max ?? 1) || 1] },
      },
      axes: [
        {
          side: 3,
          stroke: theme.text,
          font: theme.font,
          gap: 8,
          grid: { show: false },
          ticks: { show: false },
          size: () => this.#namesWidth,
          splits: () => this.#ranking.entries.map((_, i) => i),
          values: () => this.#ranking.entries.map(({ name }) => this.#cut(name)),
        },
        { ...valueAxis(theme), side: 2, show: false },
      ],
      series: [
        {},
        {
          stroke: color,
          width: 0,
          points: { show: false },
          paths: uPlot.paths.bars!({
            size: [0.62, ROW_PX],
            disp: {
              fill: { unit: 3, values: colors },
              stroke: { unit: 3, values: colors },
            },
          }),
        },
      ],
      hooks: { draw: [(plot) => this.#writeValues(plot)] },
    };
  }

  get #characterPx(): number {
    return this.#theme.fontSizePx * 0.56;
  }

  get #namesWidth(): number {
    const longest = Math.max(4, ...this.#ranking.entries.map(({ name }) => name.length));
    return Math.min(longest * this.#characterPx + 16, this.#width() * NAMES_SHARE);
  }

  #cut(name: string): string {
    const room = Math.floor((this.#namesWidth - 12) / this.#characterPx);
    return name.length <= room ? name : `${name.slice(0, Math.max(1, room - 1))}…`;
  }

  #writeValues({ ctx, valToPos }: uPlot): void {
    const { pxRatio } = uPlot;
    ctx.save();
    ctx.font = this.#theme.font.replace(/^[\d.]+/, (size) => String(Number(size) * pxRatio));
    ctx.fillStyle = this.#theme.text;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    this.#ranking.entries.forEach(({ value }, i) => {
      const x = valToPos(Math.max(0, value), 'y', true) + 6 * pxRatio;
      ctx.fillText(shortNumber(value), x, valToPos(i, 'x', true));
    });
    ctx.restore();
  }
}
