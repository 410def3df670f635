import { describe, expect, test } from 'vitest';
import { Result } from '../../../client/results/result.ts';
import { fenced, resultAsMarkdown } from '../../../client/results/rows-as-markdown.ts';
import { AnswerRow } from '../../../engine/api/answer-rows.ts';

const column = (name: string, isKey: boolean, numeric: boolean) => ({ name, type: '', isKey, numeric });
const result = () =>
  new Result(1, { statement: 'SELECT', engine: 'embedded engine' }, { maxRows: 1000, maxBytes: 1_000_000 });

describe('a result as Markdown', () => {
  test('is a table in which nothing of a value means anything', () => {
    const rows = result();
    rows.begin([column('ID', true, false), column('N', false, true)], false);
    rows.add(AnswerRow.of(['<b>*a*|b\nc', 12345678901234567890n]));
    rows.add(AnswerRow.of(['', null]));
    rows.end('done');
    expect(resultAsMarkdown(rows)).toBe(
      '| ID | N |\n| --- | ---: |\n| \\<b\\>\\*a\\*\\|b c | 12345678901234567890 |\n|  | NULL |',
    );
  });

  test('has the newest row of each key of a table, and says how many rows it leaves out', () => {
    const table = result();
    table.begin([column('ID', true, true)], true);
    for (let i = 0; i < 150; i++) table.add(AnswerRow.of([i % 120]));
    table.add(AnswerRow.of([5], true));
    const lines = resultAsMarkdown(table).split('\n');
    expect(lines.filter((line) => /^\| \d/.test(line))).toHaveLength(100);
    expect(lines).not.toContain('| 5 |');
    expect(lines.at(-1)).toBe('… and 19 more rows');
  });

  test('is what a statement said where it gave no rows', () => {
    const created = result();
    created.end('done', 'created · CTAS_X_1');
    expect(resultAsMarkdown(created)).toBe('created · CTAS\\_X\\_1');
    const plan = result();
    plan.end('done', 'a\n```b');
    expect(resultAsMarkdown(plan)).toBe('````text\na\n```b\n````');
    expect(fenced('SELECT 1;', 'ksql')).toBe('```ksql\nSELECT 1;\n```');
  });
});
