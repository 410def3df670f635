import { svgElement } from './dom.ts';

const WIDTH = 60;
const HEIGHT = 14;

/** Rows per second over the last minute, as a line in the colour of the text around it. */
export function sparkline(history: readonly number[]): SVGElement {
  const highest = Math.max(1, ...history);
  const points = history.map((value, i) => {
    const x = WIDTH - history.length + i;
    return `${x},${(HEIGHT - 1 - (value / highest) * (HEIGHT - 2)).toFixed(1)}`;
  });
  const size = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: String(WIDTH), height: String(HEIGHT) };
  const line = svgElement('polyline', { points: points.join(' ') });
  return svgElement('svg', { class: 'sparkline', ...size, 'aria-hidden': 'true' }, line);
}
