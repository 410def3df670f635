import type { Ranking, RankingEntry } from '../../charts/chart-types.ts';
import { element, svgElement } from '../elements/dom.ts';
import { setAttribute, setChildren, setText } from '../elements/dom-patch.ts';
import { compactNumber, shortNumber } from './chart-text.ts';

/** Half a circle, in the drawing's own units; its length is said to be 100. */
const ARC = 'M 8 52 A 44 44 0 0 1 96 52';
/** Ends of scales that people read easily, times a power of ten. */
const ENDS = [1, 2, 2.5, 5, 10];

/** A dial for each series. All of them have one scale, which never gets shorter while one looks at it. */
export class Gauges {
  readonly root = element('div', { class: 'gauges', role: 'list' });
  readonly #gauges = new Map<string, Gauge>();
  #end = 0;

  show({ entries }: Ranking): void {
    this.#end = Math.max(this.#end, scaleEnd(Math.max(0, ...entries.map(({ value }) => Math.abs(value)))));
    const names = new Set(entries.map(({ name }) => name));
    for (const name of this.#gauges.keys()) if (!names.has(name)) this.#gauges.delete(name);
    for (const entry of entries) {
      const known = this.#gauges.get(entry.name) ?? new Gauge();
      this.#gauges.set(entry.name, known);
      known.show(entry, this.#end);
    }
    // By name, so that a dial stays where it is while values change.
    const sorted = [...this.#gauges].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
    setChildren(
      this.root,
      sorted.map(([, { root }]) => root),
    );
  }
}

class Gauge {
  readonly root: HTMLElement;
  readonly #name = new Text();
  readonly #value = new Text();
  readonly #end = new Text();
  readonly #needle = svgElement('path', { class: 'gauge-value', d: ARC, pathLength: '100' });

  constructor() {
    const dial = svgElement(
      'svg',
      { viewBox: '0 0 104 58', 'aria-hidden': 'true' },
      svgElement('path', { class: 'gauge-room', d: ARC, pathLength: '100' }),
      this.#needle,
    );
    this.root = element(
      'div',
      { class: 'gauge', role: 'listitem' },
      dial as unknown as HTMLElement,
      element('span', { class: 'gauge-number' }, this.#value),
      element('span', { class: 'gauge-scale' }, element('span', {}, '0'), element('span', {}, this.#end)),
      element('span', { class: 'gauge-name' }, this.#name),
    );
  }

  show({ name, value }: RankingEntry, end: number): void {
    setText(this.#name, name);
    setText(this.#value, compactNumber(value));
    setText(this.#end, compactNumber(end));
    setAttribute(this.root, 'title', `${name}: ${shortNumber(value)}`);
    setAttribute(this.#needle, 'stroke-dasharray', `${((Math.abs(value) / end) * 100).toFixed(1)} 200`);
    this.root.classList.toggle('below', value < 0);
  }
}

/** The end of a scale that holds a value. */
export function scaleEnd(value: number): number {
  if (value === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ENDS.map((end) => end * power).find((end) => end >= value) ?? 10 * power;
}
