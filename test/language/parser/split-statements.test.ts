import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseScript } from '../../../language/parser/parse-script.ts';
import { splitStatements } from '../../../language/parser/split-statements.ts';

const piece = fc.constantFrom(
  ...['SELECT * FROM s;', 'CREATE STREAM s (a INT);\n', 'DROP STREAM s;\n', 'SHOW x', "'", '"', '`', ';', '\n', ' '],
  ...['--', '-', '/*', '*/', '/', "'a;b'", "';\nSELECT 1;\n'", '--@test: a\n', '-- c\n', '--@x.y: z\n', 'ä'],
);
/** What stands between two places is replaced by another text. */
const edit = fc.tuple(fc.nat(80), fc.nat(12), fc.array(piece, { maxLength: 3 }));
const texts = fc.tuple(fc.array(piece, { maxLength: 24 }), fc.array(edit, { minLength: 1, maxLength: 5 }));

function edited(text: string, [from, length, pieces]: readonly [number, number, readonly string[]]): string {
  const start = Math.min(from, text.length);
  return text.slice(0, start) + pieces.join('') + text.slice(start + length);
}

test('a text that is cut on the ground of another is cut as by itself', () => {
  fc.assert(
    fc.property(texts, ([pieces, edits]) => {
      let before = splitStatements(pieces.join(''));
      for (const each of edits) {
        const text = edited(before.text, each);
        before = splitStatements(text, before);
        expect(before).toEqual(splitStatements(text));
      }
    }),
    { numRuns: 3_000 },
  );
});

test('a long text is compared in blocks', () => {
  const before = splitStatements("SELECT 'a long statement' FROM s;\n".repeat(300));
  for (const at of [0, 1_000, 1_024, 5_000, before.text.length - 1, before.text.length]) {
    const text = edited(before.text, [at, 3, ["x;\n'y"]]);
    expect(splitStatements(text, before)).toEqual(splitStatements(text));
  }
});

test('a script that is parsed on the ground of another is parsed as by itself', () => {
  const options = { dialect: 'latest' } as const;
  const plain = (text: string, before?: ReturnType<typeof parseScript>) => {
    const parsed = parseScript(text, options, splitStatements(text), before);
    const { statements, ...rest } = parsed;
    return {
      parsed,
      shown: {
        ...rest,
        statements: statements.map(({ node, partial: _, ...each }) => ({ ...each, type: node?.$type })),
      },
    };
  };
  fc.assert(
    fc.property(texts, ([pieces, edits]) => {
      let { parsed } = plain(pieces.join(''));
      for (const each of edits) {
        const text = edited(parsed.text, each);
        const outcome = plain(text, parsed);
        expect(outcome.shown).toEqual(plain(text).shown);
        parsed = outcome.parsed;
      }
    }),
    { numRuns: 300 },
  );
});
