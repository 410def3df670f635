import { display } from './elements/page-display.ts';

/** Browsers cannot lay out elements beyond some millions of pixels; more rows than this are scrolled in proportion. */
const MAX_HEIGHT = 8_000_000;

/**
 * Which rows a scroller shows. Rows have places that do not change when older rows leave: the room of those stays empty
 * while the user looks at the others, so that these stay where they are.
 */
export class ScrollRange {
  readonly #scroller: HTMLElement;
  readonly #canvas: HTMLElement;
  /** The place at the top of the canvas; undefined until rows are known. */
  #base: number | undefined;
  #end = 0;
  /** The place at the top of what is visible; the part after the point is a part of a row. */
  #top = 0;
  #headerHeight = 0;
  #clientHeight = 0;
  #height = -1;
  /** What the scroller was set to last; another value comes from the user. */
  #scrollTop = 0;

  constructor(scroller: HTMLElement, canvas: HTMLElement) {
    this.#scroller = scroller;
    this.#canvas = canvas;
  }

  /** Whether it is known how much is visible. */
  get isMeasured(): boolean {
    return this.#clientHeight > 0;
  }

  get base(): number {
    return this.#base ?? 0;
  }

  get top(): number {
    return this.#top;
  }

  /** Rows that are visible, a part of one counted as one. */
  get visibleRows(): number {
    return Math.max(1, Math.ceil((this.#clientHeight - this.#headerHeight) / display().rowHeight) + 1);
  }

  get isAtTop(): boolean {
    return this.#scrollTop < 1;
  }

  get isAtEnd(): boolean {
    return this.#mostScroll - this.#scrollTop <= 1;
  }

  get isNearEnd(): boolean {
    return this.#mostScroll - this.#scrollTop <= display().rowHeight;
  }

  /** Takes the size of the scroller, which is asked for only here: asking makes the browser lay out. */
  measure(headerHeight: number): void {
    this.#clientHeight = this.#scroller.clientHeight;
    this.#headerHeight = headerHeight;
  }

  /** Places mean something else from now on. */
  forget(): void {
    this.#base = undefined;
  }

  toTop(): void {
    this.#top = this.base;
    this.#scroll(0);
  }

  /**
   * There are rows from one place to another.
   * @param following whether the last of them are to be visible
   * @param moved how many places the rows in sight have moved on
   */
  set(first: number, end: number, following: boolean, moved: number): void {
    const isNew = this.#base === undefined;
    const isTooHigh = (end - this.base) * display().rowHeight > MAX_HEIGHT;
    if (following || isNew || isTooHigh || first < this.base || end < this.base) this.#base = first;
    this.#end = end;
    if (isNew) this.#top = this.base + (this.#scrollTop * this.#scale) / display().rowHeight;
    const height = Math.min((end - this.base) * display().rowHeight, MAX_HEIGHT);
    if (height !== this.#height) this.#canvas.style.height = `${height}px`;
    this.#height = height;
    if (following) this.#top = Math.max(this.base, end - this.#wholeRows);
    else this.#top = Math.max(this.base, Math.min(this.#top + moved, Math.max(this.base, end - this.#wholeRows)));
    this.#scroll(following ? this.#mostScroll : ((this.#top - this.base) * display().rowHeight) / this.#scale);
  }

  /** After the scroller has moved: whether it was the user. */
  userScrolled(): boolean {
    const { scrollTop } = this.#scroller;
    if (Math.abs(scrollTop - this.#scrollTop) < 1) return false;
    this.#scrollTop = scrollTop;
    this.#top = this.base + (scrollTop * this.#scale) / display().rowHeight;
    return true;
  }

  scrollTo(place: number): void {
    this.#top = place;
    this.#scroll(((place - this.base) * display().rowHeight) / this.#scale);
  }

  /** Scrolls as little as it takes to see a row as a whole. */
  reveal(place: number): void {
    if (place < this.#top) this.scrollTo(place);
    else if (place > this.#top + this.#wholeRows - 1) this.scrollTo(place - this.#wholeRows + 1);
  }

  /** Where a row lies on the canvas, in pixels. */
  yOf(place: number): number {
    if (this.#scale === 1) return (place - this.base) * display().rowHeight;
    // Scrolled in proportion: rows lie around the first visible one at their true distance.
    return this.#scrollTop + (place - this.#top) * display().rowHeight;
  }

  get #scale(): number {
    return Math.max(1, ((this.#end - this.base) * display().rowHeight) / MAX_HEIGHT);
  }

  /** How many rows fit, the last perhaps in part. */
  get #wholeRows(): number {
    return (this.#clientHeight - this.#headerHeight) / display().rowHeight;
  }

  get #mostScroll(): number {
    return Math.max(0, Math.round(this.#height + this.#headerHeight - this.#clientHeight));
  }

  #scroll(scrollTop: number): void {
    if (Math.abs(scrollTop - this.#scrollTop) < 1) return;
    this.#scroller.scrollTop = scrollTop;
    // The browser may not go quite so far, because a bar at the bottom takes room.
    this.#scrollTop = this.#scroller.scrollTop;
  }
}
