import type { TextRange } from '../../language/text/text-range.ts';

interface LinePlace {
  readonly line: number;
  readonly character: number;
}

/** A range of offsets as lines and characters of a text that is no document. */
export function rangeOfOffsets(text: string, { start, end }: TextRange): { start: LinePlace; end: LinePlace } {
  return { start: positionOf(text, start), end: positionOf(text, end) };
}

function positionOf(text: string, offset: number): LinePlace {
  let line = 0;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, character: offset - lineStart };
}
