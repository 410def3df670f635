import type { FormatStyle } from './format-style.ts';
import type { LayoutBlock, StatementLayout } from './layout-blocks.ts';
import { needsSpace } from './spacing.ts';
import { isLineComment, type StatementToken } from './statement-tokens.ts';

export interface LayoutOptions extends Pick<FormatStyle, 'width'> {
  readonly newline: string;
}

const STEP = 2;

/** No blank stands before these, not even after a comment. */
const CLOSING: ReadonlySet<string> = new Set([',', ';', ')', ']', '>']);
const OPENING: ReadonlySet<string> = new Set([',', '(', '[', '<']);

/** A block whose lines are being written. */
interface OpenBlock {
  readonly block: LayoutBlock;
  /** Where its lines begin, before their own indentation. */
  readonly base: number;
  /** Where the line that is being written began. */
  line: number;
}

/**
 * Writes a statement's tokens: a block that does not fit into the rest of its line, or holds a comment that needs the
 * end of a line, is broken at all of its breaks; outer blocks before inner ones.
 */
export class StatementPrinter {
  readonly #tokens: readonly StatementToken[];
  readonly #layout: StatementLayout;
  readonly #options: LayoutOptions;
  readonly #measure: Measure;
  readonly #blocksAt = new Map<number, LayoutBlock[]>();
  readonly #open: OpenBlock[] = [];
  readonly #parts: string[] = [];
  #flatUntil = -1;
  #column: number;
  #lines = 0;

  constructor(tokens: readonly StatementToken[], layout: StatementLayout, options: LayoutOptions, column: number) {
    this.#tokens = tokens;
    this.#layout = layout;
    this.#options = options;
    this.#measure = new Measure(tokens, layout.blocks);
    this.#column = column;
    for (const block of layout.blocks) {
      const there = this.#blocksAt.get(block.first);
      if (there === undefined) this.#blocksAt.set(block.first, [block]);
      else there.push(block);
    }
  }

  print(): string {
    this.#tokens.forEach((token, i) => {
      while (this.#open.length > 0 && this.#open.at(-1)!.block.last < i) this.#open.pop();
      if (i > 0) this.#writeGap(i);
      for (const block of this.#blocksAt.get(i) ?? []) this.#enter(block);
      this.#write(token.text);
    });
    return this.#parts.join('');
  }

  #write(text: string): void {
    this.#parts.push(text);
    const newline = text.lastIndexOf('\n');
    this.#column = newline < 0 ? this.#column + text.length : text.length - newline - 1;
  }

  #newline(indent: number): void {
    this.#write(this.#options.newline + ' '.repeat(indent));
    this.#lines++;
  }

  /** Opens a block unless it, or one around it, stands on one line. */
  #enter(block: LayoutBlock): void {
    if (block.first < this.#flatUntil || !this.#isBroken(block)) {
      this.#flatUntil = Math.max(this.#flatUntil, block.last);
      return;
    }
    const outer = this.#open.at(-1)?.line ?? 0;
    const base = block.align ? this.#column : outer;
    this.#open.push({ block, base, line: base });
  }

  #isBroken(block: LayoutBlock): boolean {
    if (this.#measure.mustBreak(block.first + 1, block.last)) return true;
    const width = Math.min(block.width ?? Number.POSITIVE_INFINITY, this.#options.width);
    return this.#column + this.#measure.width(block.first, this.#measure.partEnd(block.last)) > width;
  }

  /** What stands between a token and the one before: blanks, line breaks, comments. */
  #writeGap(i: number): void {
    const token = this.#tokens[i]!;
    const breaking = this.#breakingBlock(i);
    if (breaking !== undefined) breaking.line = breaking.base + breaking.block.breaks.get(i)!;
    const indent = breaking?.line ?? (this.#open.at(-1)?.line ?? 0) + STEP;
    if (token.comments.length > 0) this.#writeComments(i, indent, breaking !== undefined);
    else if (breaking !== undefined || this.#isKept(i)) this.#newline(indent);
    else if (needsSpace(this.#tokens[i - 1]!, token)) this.#write(' ');
    const padding = this.#layout.padding.get(i);
    if (padding !== undefined && this.#open.at(-1)?.block.breaks.has(i - 1)) this.#write(' '.repeat(padding));
  }

  /** The block that begins a line with a token, if any does. */
  #breakingBlock(i: number): OpenBlock | undefined {
    const open = this.#open.findLast(({ block }) => block.breaks.has(i));
    const isFilled = open?.block.fill === true && (isComma(this.#tokens[i - 1]!) || isComma(this.#tokens[i]!));
    if (!isFilled) return open;
    const fits =
      !this.#measure.mustBreak(i, this.#measure.partEnd(i)) &&
      this.#column + 1 + this.#measure.width(i, this.#measure.partEnd(i)) <= this.#options.width;
    return fits ? undefined : open;
  }

  #isKept(i: number): boolean {
    return this.#lines === 0 && this.#layout.kept.has(i);
  }

  #writeComments(i: number, indent: number, breaking: boolean): void {
    const token = this.#tokens[i]!;
    const previous = this.#tokens[i - 1]!;
    const { comments } = token;
    const anyLine = token.startsLine || comments.some((comment) => comment.startsLine || isLineComment(comment));
    // A comment inside a line belongs to what stands before it, and after a comma or bracket to what follows.
    const leads = breaking && !anyLine && OPENING.has(previous.text);
    const trails = breaking && !anyLine && !leads;
    let onNewLine = leads;
    for (const comment of comments) {
      if (onNewLine || comment.startsLine) this.#newline(indent);
      else this.#write(' ');
      this.#write(comment.text);
      onNewLine = isLineComment(comment);
    }
    if (onNewLine || token.startsLine || trails) this.#newline(indent);
    else if (!CLOSING.has(token.text)) this.#write(' ');
  }
}

/** Widths of runs of tokens on one line, and where they cannot be on one line. */
class Measure {
  /** Widths and forced line breaks of all tokens before one, with what stands before each. */
  readonly #widths: readonly number[];
  readonly #forced: readonly number[];
  readonly #breaks: readonly number[];
  readonly #tokens: readonly StatementToken[];

  constructor(tokens: readonly StatementToken[], blocks: readonly LayoutBlock[]) {
    this.#tokens = tokens;
    const breaks = new Set<number>();
    const forced = new Set<number>();
    for (const { breaks: own, keep } of blocks) {
      for (const i of own.keys()) {
        breaks.add(i);
        if (keep && isBrokenAt(tokens, i)) forced.add(i);
      }
    }
    tokens.forEach((token, i) => {
      if (token.comments.some((comment) => needsLineEnd(comment)) || commentsOnLines(token)) forced.add(i);
    });
    this.#widths = sums(tokens.map((token, i) => gapWidth(tokens[i - 1], token) + token.text.length));
    this.#forced = sums(tokens.map((_, i) => (forced.has(i) ? 1 : 0)));
    this.#breaks = [...breaks].toSorted((a, b) => a - b);
  }

  /** Whether a line break has to stand before one of these tokens. */
  mustBreak(first: number, last: number): boolean {
    return this.#forced[last + 1]! > this.#forced[first]!;
  }

  /** The width of tokens on one line, without what stands before the first. */
  width(first: number, last: number): number {
    const before = first === 0 ? 0 : gapWidth(this.#tokens[first - 1], this.#tokens[first]!);
    return this.#widths[last + 1]! - this.#widths[first]! - before;
  }

  /** The last token before the next place where the line could be broken. */
  partEnd(token: number): number {
    let low = 0;
    let high = this.#breaks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#breaks[middle]! > token) high = middle;
      else low = middle + 1;
    }
    return (this.#breaks[low] ?? this.#tokens.length) - 1;
  }
}

const isComma = ({ kind, text }: StatementToken): boolean => kind === 'symbol' && text === ',';

/** Whether the user has broken a line at a token: of a list on either side of its commas. */
function isBrokenAt(tokens: readonly StatementToken[], i: number): boolean {
  const [before, token, next] = [tokens[i - 1], tokens[i]!, tokens[i + 1]];
  if (token.afterLineBreak) return true;
  if (isComma(token)) return next?.afterLineBreak === true;
  return before !== undefined && isComma(before) && before.afterLineBreak;
}

const needsLineEnd = (comment: StatementToken['comments'][number]): boolean =>
  isLineComment(comment) || comment.text.includes('\n');
const commentsOnLines = ({ comments, afterLineBreak }: StatementToken): boolean =>
  comments.length > 0 && afterLineBreak;

function gapWidth(left: StatementToken | undefined, right: StatementToken): number {
  if (left === undefined) return 0;
  const comments = right.comments.reduce((width, { text }) => width + text.length + 1, 0);
  return comments + (comments > 0 || needsSpace(left, right) ? 1 : 0);
}

/** The sum of everything before each place. */
function sums(values: readonly number[]): number[] {
  const found = [0];
  for (const value of values) found.push(found.at(-1)! + value);
  return found;
}
