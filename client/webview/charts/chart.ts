import * as l10n from '@vscode/l10n';
import type { ChartChoice, ChartData, ChartRange, OverAxis, Ranking } from '../../charts/chart-types.ts';
import { element } from '../elements/dom.ts';
import { setAttribute, setChildren, setHidden, setText } from '../elements/dom-patch.ts';
import { display } from '../elements/page-display.ts';
import { type AxisDrawing, AxisPlot } from './axis-plot.ts';
import { BarPlot } from './bar-plot.ts';
import { ChartControls } from './chart-controls.ts';
import { ChartLegend } from './chart-legend.ts';
import { chartTitle, shortNumber, withNames } from './chart-text.ts';
import { type ChartTheme, chartTheme, onThemeChange } from './chart-theme.ts';
import { Gauges } from './gauges.ts';

export interface ChartEvents {
  /** Something else is to be shown; with nothing in it, what suits the columns. */
  choose(choice: ChartChoice): void;
  zoom(range: ChartRange | undefined): void;
}

/** A picture that is on the screen. */
interface Drawn {
  resize(): void;
  destroy(): void;
}

/** A result as a picture: its controls, a legend, and what the host made of its rows. */
export class Chart {
  readonly root: HTMLElement;
  readonly controls: HTMLElement;
  readonly #events: ChartEvents;
  readonly #controls: ChartControls;
  readonly #legend = new ChartLegend((name) => this.#toggle(name));
  readonly #picture = element('div', { class: 'picture', role: 'img' });
  readonly #note = new Text();
  readonly #noteBox = element('p', { class: 'note' }, this.#note);
  /** The look of each series that is shown, so that it keeps its colour while others come and go. */
  readonly #looks = new Map<string, number>();
  readonly #hidden = new Set<string>();
  #data: ChartData | undefined;
  #theme: ChartTheme | undefined;
  #drawn:
    | (Drawn & { readonly axis?: [AxisPlot, AxisDrawing]; readonly bars?: BarPlot; readonly gauges?: Gauges })
    | undefined;
  #place: number | undefined;

  constructor(events: ChartEvents) {
    this.#events = events;
    this.#controls = new ChartControls(events.choose, () => events.zoom(undefined));
    this.controls = this.#controls.root;
    this.root = element('div', { class: 'chart' }, this.controls, this.#legend.root, this.#picture, this.#noteBox);
    // The page keeps what observes an element only as long as the element.
    new ResizeObserver(() => this.#resized()).observe(this.#picture);
    onThemeChange(this.root, () => {
      this.#theme = undefined;
      this.#forget();
      this.#draw();
    });
  }

  show(data: ChartData): void {
    if (this.#data?.settings.kind !== data.settings.kind) this.#forget();
    this.#data = { ...data, picture: withNames(data) };
    this.#controls.show(data);
    this.#draw();
  }

  #draw(): void {
    const data = this.#data;
    // Where it is not on the screen there is no room to draw in; it is drawn when it gets some.
    if (data === undefined || this.#picture.clientWidth === 0 || this.#picture.clientHeight === 0) return;
    const { picture, settings } = data;
    this.#theme ??= chartTheme(this.root);
    setAttribute(this.#picture, 'data-kind', settings.kind);
    setAttribute(this.#picture, 'role', settings.kind === 'gauges' ? 'group' : 'img');
    setHidden(this.#legend.root, picture.kind === 'ranking');
    if (picture.kind === 'axis') this.#drawAxis(data, picture, this.#theme);
    else if (settings.kind === 'gauges') this.#drawGauges(picture);
    else this.#drawBars(picture, this.#theme);
    setAttribute(this.#picture, 'aria-label', describe(data));
    setText(this.#note, noteOf(picture));
    setHidden(this.#noteBox, this.#note.data === '');
  }

  #drawAxis({ settings, request }: ChartData, picture: OverAxis, theme: ChartTheme): void {
    const looks = this.#looksOf(picture);
    const hidden = new Set(picture.lines.flatMap(({ name }, i) => (this.#hidden.has(name) ? [i] : [])));
    const { timestamps } = display();
    const drawing = { settings, picture, timestamps, range: request.range, looks, hidden };
    const [plot, before] = this.#drawn?.axis ?? [];
    if (plot !== undefined && before !== undefined && AxisPlot.fits(before, drawing)) {
      plot.show(drawing);
      this.#keepAxis(plot, drawing);
    } else {
      this.#forget();
      const made = new AxisPlot(this.#picture, drawing, theme, {
        zoom: (range) => this.#events.zoom(range),
        point: (place) => this.#pointAt(place),
      });
      this.#keepAxis(made, drawing);
    }
    this.#showLegend();
  }

  #keepAxis(plot: AxisPlot, drawing: AxisDrawing): void {
    this.#drawn = {
      axis: [plot, drawing],
      resize: () => plot.resize(this.#picture.clientWidth, this.#picture.clientHeight),
      destroy: () => plot.destroy(),
    };
  }

  #drawBars(ranking: Ranking, theme: ChartTheme): void {
    if (this.#drawn?.bars !== undefined) return this.#drawn.bars.show(ranking);
    this.#forget();
    const bars = new BarPlot(this.#picture, ranking, theme, () => this.#picture.clientWidth);
    this.#drawn = { bars, resize: () => bars.resize(), destroy: () => bars.destroy() };
  }

  #drawGauges(ranking: Ranking): void {
    if (this.#drawn?.gauges === undefined) {
      this.#forget();
      const gauges = new Gauges();
      this.#drawn = { gauges, resize: () => undefined, destroy: () => gauges.root.remove() };
      setChildren(this.#picture, [gauges.root]);
    }
    this.#drawn.gauges!.show(ranking);
  }

  #forget(): void {
    this.#drawn?.destroy();
    this.#drawn = undefined;
  }

  #resized(): void {
    if (this.#drawn === undefined) this.#draw();
    else if (this.#picture.clientWidth > 0 && this.#picture.clientHeight > 0) this.#drawn.resize();
  }

  #toggle(name: string): void {
    if (!this.#hidden.delete(name)) this.#hidden.add(name);
    this.#draw();
  }

  #pointAt(place: number | undefined): void {
    if (place === this.#place) return;
    this.#place = place;
    this.#showLegend();
  }

  #showLegend(): void {
    const [, drawing] = this.#drawn?.axis ?? [];
    if (drawing === undefined || this.#theme === undefined) return;
    this.#legend.show(drawing.picture, drawing.looks, drawing.hidden, this.#theme, this.#place);
  }

  #looksOf({ lines }: OverAxis): readonly number[] {
    const names = new Set(lines.map(({ name }) => name));
    for (const name of this.#looks.keys()) if (!names.has(name)) this.#looks.delete(name);
    for (const name of names) {
      const used = new Set(this.#looks.values());
      let free = 0;
      while (used.has(free)) free++;
      if (!this.#looks.has(name)) this.#looks.set(name, free);
    }
    return lines.map(({ name }) => this.#looks.get(name)!);
  }
}

function noteOf(picture: ChartData['picture']): string {
  if (picture.kind === 'ranking' && picture.entries.length === 0) return l10n.t('There is no number to draw yet.');
  if (picture.kind === 'axis' && picture.lines.length === 0) return l10n.t('There is no number to draw yet.');
  return picture.kind === 'ranking' && picture.omitted > 0
    ? l10n.t('{0} more have lower values.', shortNumber(picture.omitted))
    : '';
}

/** What a picture shows, for those who do not see it. */
function describe({ settings, picture }: ChartData): string {
  const title = chartTitle(settings);
  if (picture.kind === 'ranking')
    return `${title}: ${picture.entries.map(({ name, value }) => `${name} ${shortNumber(value)}`).join(', ')}`;
  return l10n.t('{0}: {1}; {2} points', title, picture.lines.map(({ name }) => name).join(', '), picture.places.length);
}
