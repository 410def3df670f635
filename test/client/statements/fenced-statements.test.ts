import { describe, expect, test } from 'vitest';
import { fencedStatements } from '../../../client/statements/fenced-statements.ts';
import { scriptStatements } from '../../../client/statements/script-statements.ts';

const MARKDOWN = `# Orders; they said

\`\`\`ksql
SELECT 1;
SELECT 2
\`\`\`

\`\`\`\`sql
SELECT 3;
\`\`\`ksql
SELECT 4;
\`\`\`\`

1. In a list:

   ~~~KSQL title
   SELECT '\`\`\`' FROM a;
   ~~~
`;

describe('statements in Markdown', () => {
  test('are those of blocks that are marked, at their places', () => {
    const found = scriptStatements(fencedStatements(MARKDOWN));
    expect(found.map(({ text }) => text)).toEqual(['SELECT 1;', 'SELECT 2\n;', "SELECT '```' FROM a;"]);
    for (const { start, text } of found) expect(MARKDOWN.startsWith(text.replace(/\n;$/, ''), start)).toBe(true);
  });

  test('of windows files, too', () => {
    const windows = MARKDOWN.replaceAll('\n', '\r\n');
    const found = scriptStatements(fencedStatements(windows));
    expect(found.map(({ text }) => text)).toEqual(['SELECT 1;', 'SELECT 2\r\n;', "SELECT '```' FROM a;"]);
    expect(fencedStatements(windows)).toHaveLength(windows.length);
  });
});
