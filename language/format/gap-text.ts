export interface GapPlace {
  readonly after: 'start' | 'statement' | 'line comment';
  /** Nothing stands after it in the script. */
  readonly last: boolean;
  readonly newline: string;
}

const PIECE = /(?<blank>[ \t\r\n]+)|(?<comment>--[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$))/y;

/**
 * What stands between two statements, or before the first and after the last: comments stay on the lines on which they
 * are and begin them, of several empty lines one is left.
 */
export function gapText(text: string, { after, last, newline }: GapPlace): string {
  let written = '';
  let previous: GapPlace['after'] | 'comment' = after;
  let lines = 0;
  PIECE.lastIndex = 0;
  for (;;) {
    const groups = PIECE.exec(text)?.groups;
    if (groups === undefined) break;
    if (groups['blank'] !== undefined) {
      lines = groups['blank'].split('\n').length - 1;
      continue;
    }
    const comment = groups['comment']!.trimEnd();
    if (previous === 'line comment') lines = Math.max(1, lines);
    written += previous === 'start' ? '' : lines === 0 ? ' ' : newline.repeat(Math.min(lines, 2));
    written += comment;
    previous = comment.startsWith('--') ? 'line comment' : 'comment';
    lines = 0;
  }
  if (last) return written === '' && previous === 'start' ? '' : written + newline;
  if (previous === 'start') return '';
  if (previous === 'comment' && lines === 0) return `${written} `;
  return written + newline.repeat(Math.max(1, Math.min(lines, 2)));
}
