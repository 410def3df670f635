import { splitStatements } from '../../language/parser/split-statements.ts';

const FENCE = /^[ \t]*(?<fence>`{3,}|~{3,})[ \t]*(?<word>\S*)/;

/**
 * The statements in the blocks of a Markdown text that are marked `ksql`: the text with blanks for everything else, so
 * that they stand where they stood. Where the last semicolon of a block is missing, one stands in the place of its
 * closing fence.
 */
export function fencedStatements(markdown: string): string {
  let open: { readonly fence: string; readonly isKsql: boolean; readonly lines: string[] } | undefined;
  const lines = markdown.split('\n').map((line) => {
    const { fence = '', word } = FENCE.exec(line)?.groups ?? {};
    if (open === undefined) {
      if (fence !== '') open = { fence, isKsql: word!.toLowerCase() === 'ksql', lines: [] };
      return blank(line);
    }
    if (word === '' && fence.startsWith(open.fence)) {
      const last = splitStatements(open.lines.join('\n')).statements.at(-1);
      open = undefined;
      return last?.terminated === false ? blank(line).replace(' ', ';') : blank(line);
    }
    if (!open.isKsql) return blank(line);
    open.lines.push(line);
    return line;
  });
  return lines.join('\n');
}

const blank = (line: string): string => line.replace(/[^\r\n]/g, ' ');
