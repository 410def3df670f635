/** How one series is drawn. */
export interface SeriesLook {
  readonly color: string;
  /** Lengths of strokes and gaps, where the colour is that of another series, too. */
  readonly dash?: number[];
}

/** What a canvas needs to know of the theme, which it cannot read by itself. */
export interface ChartTheme {
  readonly text: string;
  readonly grid: string;
  readonly negative: string;
  /** Of a canvas: size and family. */
  readonly font: string;
  readonly fontSizePx: number;
  look(series: number): SeriesLook;
}

/**
 * Colours of VS Code for charts, those first that its own themes have clear; a theme that has none uses that of its
 * text.
 */
const COLORS = ['blue', 'green', 'purple', 'yellow', 'red', 'orange'].map((name) => `--vscode-charts-${name}`);
/** The second and third time that a colour is used. */
const DASHES = [undefined, [6, 3], [2, 3]];

/** Reads the theme where an element stands. */
export function chartTheme(element: Element): ChartTheme {
  const style = getComputedStyle(element);
  const color = (...names: readonly string[]) =>
    names.map((name) => style.getPropertyValue(name).trim()).find((value) => value !== '') ?? style.color;
  const fontSizePx = Number.parseFloat(style.fontSize) || 13;
  return {
    text: color('--vscode-descriptionForeground'),
    grid: faint(style.color),
    negative: color('--vscode-charts-red', '--vscode-errorForeground'),
    font: `${fontSizePx - 1}px ${style.fontFamily}`,
    fontSizePx,
    look: (series) => {
      const pure = color(COLORS[series % COLORS.length]!);
      const round = Math.floor(series / COLORS.length) % DASHES.length;
      const dash = DASHES[round];
      return dash === undefined ? { color: pure } : { color: mixed(pure, style.color, round), dash };
    },
  };
}

const CHANGED = 'ksql-theme-changed';
let isObserved = false;

/** Calls back when the theme of the page has changed while an element is in it, as long as there is that element. */
export function onThemeChange(element: Element, changed: () => void): void {
  element.classList.add('themed');
  element.addEventListener(CHANGED, changed);
  if (!isObserved) observeTheme();
  isObserved = true;
}

function observeTheme(): void {
  const observer = new MutationObserver(() => {
    for (const element of document.querySelectorAll('.themed')) element.dispatchEvent(new Event(CHANGED));
  });
  observer.observe(document.body, { attributeFilter: ['class', 'data-vscode-theme-id'] });
}

/** The same colour for another series: nearer to that of the text each time. */
const mixed = (color: string, text: string, round: number): string =>
  `color-mix(in srgb, ${color} ${100 - 30 * round}%, ${text})`;

/** A colour that lets through what is behind it. */
export const faint = (color: string): string => `color-mix(in srgb, ${color} 18%, transparent)`;
