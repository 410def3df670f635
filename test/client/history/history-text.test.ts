import { describe, expect, test, vi } from 'vitest';
import { Result } from '../../../client/results/result.ts';
import { AnswerRow } from '../../../engine/api/answer-rows.ts';

vi.mock('vscode', () => ({
  env: { language: 'en' },
  l10n: { t: (text: string, ...values: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(values[Number(i)])) },
}));
const { historyEntry, withoutSecrets } = await import('../../../client/history/history-entry.ts');
const { comparedText, historyText } = await import('../../../client/history/history-text.ts');

function ran(rows: readonly (readonly unknown[])[], kept = 2) {
  const result = new Result(1, { statement: 'SELECT * FROM t;', engine: 'embedded' }, { maxRows: 2, maxBytes: 1000 });
  result.begin(
    [
      { name: 'CITY', type: 'STRING', isKey: false, numeric: false },
      { name: 'N', type: 'INTEGER', isKey: false, numeric: true },
    ],
    false,
  );
  for (const row of rows) result.add(AnswerRow.of(row));
  result.end('done');
  return historyEntry(result, { id: String(rows.length), uri: 'file:///a.ksql' }, kept);
}

describe('an entry', () => {
  test('has the first rows, also those that the result has let go, and when the first came', () => {
    const entry = ran(
      [
        ['Rome', 1],
        ['Oslo', null],
        ['Bern', 3],
        ['Paris', 4],
      ],
      3,
    );
    expect(entry.head).toEqual([
      ['Rome', '1'],
      ['Oslo', null],
      ['Bern', '3'],
    ]);
    expect(entry).toMatchObject({ rows: 4, state: 'done', connection: 'embedded', columns: ['CITY', 'N'] });
    expect(entry.firstRowMs).toBeLessThanOrEqual(entry.durationMs);
  });

  test('is a grid as text, with the statement and what came of it', () => {
    const text = historyText(
      ran([
        ['Rome', 1],
        ['Reykjavik', null],
        ['Bern', 3],
      ]),
    );
    expect(text).toContain('SELECT * FROM t;');
    expect(text).toMatch(/done · [\d.]+ s · 3 rows · first row after [\d.]+ s/);
    expect(text).toContain('CITY       N\n─────────  ────\nRome       1\nReykjavik  NULL\n… the first 2 of 3 rows');
  });

  test('compared with another is as wide as that, and says nothing of its time', () => {
    const [short, long] = [
      ran([['Rome', 1]]),
      ran([
        ['Rome', 1],
        ['Reykjavik', 2],
      ]),
    ];
    expect(comparedText(short, long)).toBe('SELECT * FROM t;\n\nCITY       N\n─────────  ─\nRome       1\n');
    expect(comparedText(long, short)).toBe(`${comparedText(short, long)}Reykjavik  2\n`);
  });
});

test('passwords and their like are not kept', () => {
  const statement = "CREATE SINK CONNECTOR c WITH ('user' = 'me', 'db.password' = 'it''s', 'api.key'='k');";
  expect(withoutSecrets(statement)).toBe(
    "CREATE SINK CONNECTOR c WITH ('user' = 'me', 'db.password' = '…', 'api.key'='…');",
  );
});
