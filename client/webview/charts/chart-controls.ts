import * as l10n from '@vscode/l10n';
import {
  CHART_KINDS,
  type ChartChoice,
  type ChartData,
  type ChartKind,
  type ChartSettings,
  isOverAxis,
  MEASURES,
} from '../../charts/chart-types.ts';
import { element, iconButton } from '../elements/dom.ts';
import { setHidden } from '../elements/dom-patch.ts';
import { axisText, KIND_TEXTS, MEASURE_TEXTS, seriesText, valueText } from './chart-text.ts';

const TOPS = [1, 3, 5, 8, 10, 12, 20, 40];

/** What a chart shows as a sentence of choices: *Lines of average AMOUNT over ROWTIME by key, top 8*. */
export class ChartControls {
  readonly root = element('div', { class: 'chart-controls' });
  readonly #choose: (choice: ChartChoice) => void;
  readonly #kind = this.#select(l10n.t('Kind of chart'), (value) => ({ kind: value as ChartKind }));
  readonly #measure = this.#select(l10n.t('What is made of several values'), (value) => ({
    measure: value as ChartSettings['measure'],
  }));
  readonly #y = this.#select(l10n.t('What is drawn'), (value) => ({ y: value as ChartSettings['y'] }));
  readonly #x = this.#select(l10n.t('From left to right'), (value) => ({ x: value as ChartSettings['x'] }));
  readonly #series = this.#select(l10n.t('What tells series apart'), (value) => ({
    series: value as ChartSettings['series'],
  }));
  readonly #top = this.#select(l10n.t('How many series'), (value) => ({ top: Number(value) }));
  readonly #over = phrase(l10n.t('over'), this.#x);
  readonly #topPhrase = phrase(l10n.t('top'), this.#top);
  readonly #whole: HTMLButtonElement;

  /** @param showAll shows the whole axis again */
  constructor(choose: (choice: ChartChoice) => void, showAll: () => void) {
    this.#choose = choose;
    this.#whole = iconButton('zoom-out', l10n.t('Show all again (double click in the chart)'), showAll);
    this.root.append(
      this.#kind,
      phrase(l10n.t('of'), this.#measure, this.#y),
      this.#over,
      phrase(l10n.t('by'), this.#series),
      this.#topPhrase,
      this.#whole,
      iconButton('discard', l10n.t('Back to the chart that suits the columns'), () => choose({})),
    );
  }

  show({ settings, options, request }: ChartData): void {
    const { kind, measure, x, y, series, top } = settings;
    fill(this.#kind, CHART_KINDS, kind, (each) => KIND_TEXTS[each]);
    fill(this.#measure, MEASURES, measure, (each) => MEASURE_TEXTS[each]);
    fill(this.#y, options.y, y, valueText);
    fill(this.#x, options.x, x, axisText);
    fill(this.#series, options.series, series, seriesText);
    fill(
      this.#top,
      [...new Set([...TOPS, top])].toSorted((a, b) => a - b),
      top,
      String,
    );
    setHidden(this.#measure, y === 'rows');
    setHidden(this.#over, !isOverAxis(kind));
    setHidden(this.#topPhrase, series === 'none');
    setHidden(this.#whole, request.range === undefined);
  }

  #select(title: string, choiceOf: (value: string) => ChartChoice): HTMLSelectElement {
    const select = element('select', { title, 'aria-label': title });
    select.addEventListener('change', () => this.#choose(choiceOf(select.value)));
    return select;
  }
}

const phrase = (word: string, ...parts: readonly HTMLElement[]): HTMLElement =>
  element('span', { class: 'phrase' }, element('span', { class: 'phrase-word' }, word), ...parts);

/** Fills a list of choices where they have changed: one that is open must stay as it is. */
function fill<T extends string | number>(
  select: HTMLSelectElement,
  choices: readonly T[],
  chosen: T,
  text: (choice: T) => string,
): void {
  const values = choices.map(String);
  if (values.join('\n') !== [...select.options].map(({ value }) => value).join('\n'))
    select.replaceChildren(...choices.map((each) => element('option', { value: String(each) }, text(each))));
  if (select.value !== String(chosen)) select.value = String(chosen);
}
