const WIDTH = 60;
const HEIGHT = 14;
const SVG = 'http://www.w3.org/2000/svg';

/** Rows per second over the last minute, as a line in the colour of the text around it. */
export function sparkline(history: readonly number[]): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'sparkline');
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute('width', String(WIDTH));
  svg.setAttribute('height', String(HEIGHT));
  svg.setAttribute('aria-hidden', 'true');
  const highest = Math.max(1, ...history);
  const points = history.map((value, i) => {
    const x = WIDTH - history.length + i;
    return `${x},${(HEIGHT - 1 - (value / highest) * (HEIGHT - 2)).toFixed(1)}`;
  });
  const line = document.createElementNS(SVG, 'polyline');
  line.setAttribute('points', points.join(' '));
  svg.append(line);
  return svg;
}
