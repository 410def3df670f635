import { svgElement } from './elements/dom.ts';
import { setAttribute } from './elements/dom-patch.ts';

const WIDTH = 60;
const HEIGHT = 14;

/** Rows per second over the last minute, as a line in the colour of the text around it. */
export class Sparkline {
  readonly root: SVGElement;
  readonly #line = svgElement('polyline', { points: '' });

  constructor() {
    const size = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: String(WIDTH), height: String(HEIGHT) };
    this.root = svgElement('svg', { class: 'sparkline', ...size, 'aria-hidden': 'true' }, this.#line);
  }

  show(history: readonly number[]): void {
    const highest = Math.max(1, ...history);
    const points = history.map((value, i) => {
      const x = WIDTH - history.length + i;
      return `${x},${(HEIGHT - 1 - (value / highest) * (HEIGHT - 2)).toFixed(1)}`;
    });
    setAttribute(this.#line, 'points', points.join(' '));
  }
}
