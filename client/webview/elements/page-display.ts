import { DEFAULT_DISPLAY, type Display } from '../../results/display.ts';

let current = DEFAULT_DISPLAY;

/** How rows are shown in this page. */
export const display = (): Display => current;

/** Takes what the host says; what is drawn already has to be drawn anew. */
export function setDisplay(next: Display): void {
  current = next;
  document.documentElement.style.setProperty('--ksql-row-height', `${next.rowHeight}px`);
}
