import { expect, test } from 'vitest';
import { queryText } from '../../../language/format/statement-text.ts';
import type { Query } from '../../../language/generated/ast.ts';
import { parseScript } from '../../../language/parser/parse-script.ts';
import { printedQuery } from '../../../language/statements/printed-query.ts';
import type { Schema } from '../../../language/types/schema.ts';
import { INTEGER, struct } from '../../../language/types/sql-type.ts';

const schema = (...names: string[]): Schema => ({
  columns: names.map((name, i) => ({ name, type: INTEGER, namespace: i === 0 ? 'key' : 'value' })),
});

function printed(sql: string, sources: Record<string, Schema | undefined>): string {
  const query = parseScript(sql, { dialect: 'latest' }).statements[0]!.node as Query;
  const aliased = Object.entries(sources).map(([alias, known]) => ({ alias, schema: known }));
  return queryText(query, printedQuery(query, aliased));
}

test('items are named whether or not a star stands among them', () => {
  const type = struct([{ name: 'X', type: INTEGER }]);
  const source: Schema = { columns: [...schema('ID', 'A').columns, { name: 'S', type, namespace: 'value' }] };
  expect(printed('SELECT *, id, s->x, s->x, a + 1, count() FROM t EMIT CHANGES;', { T: source })).toBe(
    'SELECT\n  *,\n  T.ID ID,\n  T.S->X X,\n  T.S->X X_1,\n  (T.A + 1) KSQL_COL_0,\n  COUNT(*) KSQL_COL_1\nFROM T T\nEMIT CHANGES',
  );
});

test('a join names columns that several sources have after their source', () => {
  const sql = 'SELECT l.*, l.id, r.b, r.rowtime FROM s l JOIN t r WITHIN (1 HOUR, 1 HOUR) ON l.id = r.id EMIT CHANGES;';
  expect(printed(sql, { L: schema('ID', 'A'), R: schema('ID', 'B') })).toBe(
    'SELECT\n  L.*,\n  L.ID L_ID,\n  R.B B,\n  R.ROWTIME R_ROWTIME\nFROM S L\nINNER JOIN T R WITHIN 1 HOURS ON ((L.ID = R.ID))\nEMIT CHANGES',
  );
});

test('a column that no source has is printed by its name alone', () => {
  expect(printed('SELECT nothing FROM s EMIT CHANGES;', { S: undefined })).toBe(
    'SELECT NOTHING NOTHING\nFROM S S\nEMIT CHANGES',
  );
});
