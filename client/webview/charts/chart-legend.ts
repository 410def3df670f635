import * as l10n from '@vscode/l10n';
import type { OverAxis } from '../../charts/chart-types.ts';
import { element } from '../elements/dom.ts';
import { setAttribute, setChildren, setText } from '../elements/dom-patch.ts';
import { shownTime } from '../elements/text.ts';
import { shortNumber } from './chart-text.ts';
import type { ChartTheme } from './chart-theme.ts';

/** The series of a chart with their values at the pointer, else their newest. A click hides one or shows it again. */
export class ChartLegend {
  readonly root = element('div', { class: 'legend', role: 'group', 'aria-label': l10n.t('Series') });
  readonly #toggle: (name: string) => void;
  readonly #place = new Text();
  readonly #placeBox = element('span', { class: 'legend-place' }, this.#place);
  readonly #note = new Text();
  readonly #noteBox = element('span', { class: 'legend-place' }, this.#note);
  #items: LegendItem[] = [];

  constructor(toggle: (name: string) => void) {
    this.#toggle = toggle;
  }

  /** @param place what the pointer is at, by its number */
  show(
    picture: OverAxis,
    looks: readonly number[],
    hidden: ReadonlySet<number>,
    theme: ChartTheme,
    place?: number,
  ): void {
    const { lines, places, isTime, omitted } = picture;
    while (this.#items.length < lines.length) this.#items.push(new LegendItem(this.#toggle));
    this.#items.length = lines.length;
    lines.forEach(({ name, values }, i) => {
      const value = place === undefined ? newest(values) : (values[place] ?? null);
      this.#items[i]!.show({ name, value, isHidden: hidden.has(i), ...theme.look(looks[i]!) });
    });
    const at = place === undefined ? undefined : places[place];
    setText(this.#place, at === undefined ? '' : isTime ? shownTime(at) : shortNumber(at));
    setText(this.#note, omitted === 0 ? '' : l10n.t('{0} more not shown', shortNumber(omitted)));
    setChildren(this.root, [...this.#items.map(({ root }) => root), this.#noteBox, this.#placeBox]);
  }
}

interface LegendLook {
  readonly name: string;
  readonly value: number | null;
  readonly isHidden: boolean;
  readonly color: string;
  readonly dash?: number[];
}

class LegendItem {
  readonly root: HTMLButtonElement;
  readonly #name = new Text();
  readonly #value = new Text();
  readonly #mark = element('span', { class: 'legend-mark' });

  constructor(toggle: (name: string) => void) {
    this.root = element(
      'button',
      { class: 'legend-item', onclick: () => toggle(this.#name.data) },
      this.#mark,
      element('span', { class: 'legend-name' }, this.#name),
      element('span', { class: 'legend-value' }, this.#value),
    );
  }

  show({ name, value, isHidden, color, dash }: LegendLook): void {
    setText(this.#name, name);
    setText(this.#value, value === null ? '–' : shortNumber(value));
    setAttribute(this.root, 'aria-pressed', String(!isHidden));
    setAttribute(this.root, 'title', isHidden ? l10n.t('Show {0}', name) : l10n.t('Hide {0}', name));
    this.#mark.style.borderTopColor = color;
    this.#mark.style.borderTopStyle = dash === undefined ? 'solid' : dash[0]! > 3 ? 'dashed' : 'dotted';
  }
}

function newest(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}
