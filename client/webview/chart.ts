import * as l10n from '@vscode/l10n';
import { count } from '../../engine/api/row-count.ts';
import type { ChartData } from '../results/messages.ts';
import { element, svgElement } from './elements/dom.ts';
import { localTime } from './elements/text.ts';

/** The line's own units; the picture is stretched to the room there is. */
const WIDTH = 1000;
const HEIGHT = 400;

/** A result as a picture: bars for a table, a line for a stream. The column that is drawn can be chosen. */
export class Chart {
  readonly root = element('div', { class: 'chart' });
  readonly #select = element('select', { 'aria-label': l10n.t('Column to draw') });
  readonly #picture = element('div', { class: 'picture' });
  #choices = '';

  /** @param onChoose is called with the index of another column to draw */
  constructor(onChoose: (column: number) => void) {
    this.#select.addEventListener('change', () => onChoose(Number(this.#select.value)));
    this.root.append(element('div', { class: 'chart-head' }, this.#select), this.#picture);
  }

  show(data: ChartData): void {
    const choices = JSON.stringify(data.choices);
    if (choices !== this.#choices) {
      this.#choices = choices;
      this.#select.replaceChildren(
        ...data.choices.map(({ index, name }) => element('option', { value: String(index) }, name)),
      );
    }
    this.#select.value = String(data.column);
    if (data.bars !== undefined) this.#picture.replaceChildren(...bars(data.bars, data.omitted ?? 0));
    else if (data.line !== undefined) this.#picture.replaceChildren(...line(data.line));
  }
}

/** A bar for each value, from zero; those below zero are shown as long, in another colour. */
function bars(values: NonNullable<ChartData['bars']>, omitted: number): HTMLElement[] {
  const longest = Math.max(...values.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const rows = values.map(({ label, value, text }) => {
    const bar = element('span', { class: value < 0 ? 'bar below' : 'bar' });
    bar.style.width = `${(Math.abs(value) / longest) * 100}%`;
    return element(
      'div',
      { class: 'bar-row', role: 'listitem', 'aria-label': `${label}: ${text}` },
      element('span', { class: 'bar-label', title: label }, label),
      element('span', { class: 'bar-room' }, bar),
      element('span', { class: 'bar-value' }, text),
    );
  });
  const list = element('div', { class: 'bars', role: 'list' }, ...rows);
  return omitted === 0
    ? [list]
    : [list, element('p', { class: 'note' }, l10n.t('{0} more keys have lower values.', count(omitted)))];
}

function line({ isTime, points }: NonNullable<ChartData['line']>): (HTMLElement | SVGElement)[] {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined)
    return [element('p', { class: 'note' }, l10n.t('There is no number to draw yet.'))];
  const low = Math.min(...points.map(({ value }) => value));
  const high = Math.max(...points.map(({ value }) => value));
  const xOf = scale(first.at, last.at, WIDTH);
  const yOf = scale(low, high, HEIGHT);
  const polyline = svgElement('polyline', {
    points: points.map(({ at, value }) => `${xOf(at)},${HEIGHT - yOf(value)}`).join(' '),
  });
  const attributes = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' };
  const svg = svgElement('svg', { ...attributes, 'aria-label': l10n.t('Values from {0} to {1}', low, high) }, polyline);
  const place = (at: number) => (isTime ? localTime(at) : l10n.t('row {0}', at + 1));
  return [
    element('div', { class: 'axis-y' }, element('span', {}, shortNumber(high)), element('span', {}, shortNumber(low))),
    svg,
    element('div', { class: 'axis-x' }, element('span', {}, place(first.at)), element('span', {}, place(last.at))),
  ];
}

/** From a range of values to a length; the middle where all values are the same. */
function scale(low: number, high: number, length: number): (value: number) => number {
  return high === low ? () => length / 2 : (value) => Number((((value - low) / (high - low)) * length).toFixed(1));
}

const shortNumber = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
