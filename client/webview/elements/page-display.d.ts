import { type Display } from '../../results/display.ts';
/** How rows are shown in this page. */
export declare const display: () => Display;
/** Takes what the host says; what is drawn already has to be drawn anew. */
export declare function setDisplay(next: Display): void;
