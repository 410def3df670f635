import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identifierText, stringText } from '../../../language/text/identifier-text.ts';
import { closest, sourceHint } from '../../../language/text/suggestions.ts';
import { inComment, tokenize } from '../../../language/text/tokens.ts';

describe('the name that is meant', () => {
  test.each([
    ['CUSTOMR', ['ORDERS', 'CUSTOMER'], 'CUSTOMER'],
    ['customer', ['CUSTOMER'], 'CUSTOMER'],
    ['ORDER', ['BORDERS', 'ORDERS'], 'ORDERS'],
    ['AB', ['XY', 'ABCD'], undefined],
    ['', ['A'], 'A'],
  ])('%s among %j', (name, candidates, meant) => expect(closest(name, candidates)).toBe(meant));

  test('is found after one slip, wherever it is', () => {
    const names = fc.stringMatching(/^[A-Z]{4,12}$/);
    fc.assert(
      fc.property(names, fc.nat(), fc.constantFrom('', 'X'), (name, at, instead) => {
        const place = at % name.length;
        expect(closest(name.slice(0, place) + instead + name.slice(place + 1), [name])).toBe(name);
      }),
    );
  });

  test('is told with what to do about its quotes', () => {
    expect(sourceHint('orders', ['ORDERS'])).toContain('try removing double quotes');
    expect(sourceHint('ORDERS', ['orders'])).toContain('wrap the source name in double quotes');
    expect(sourceHint('ORDRES', ['ORDERS'])).toBe('\nDid you mean ORDERS?');
    expect(sourceHint('X', [])).toBe('');
  });
});

describe('names and texts as they are written', () => {
  test.each([
    ['ORDERS', 'ORDERS'],
    ['orders', '`orders`'],
    ['NEW ORDERS', '`NEW ORDERS`'],
    ['GROUP', '`GROUP`'],
    ['1ST', '1ST'],
    ['12', '`12`'],
    ['a`b', '`a``b`'],
  ])('%s', (name, text) => expect(identifierText(name)).toBe(text));

  test('are read back as they were', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        const [written, ...others] = tokenize(identifierText(name));
        const [text] = tokenize(stringText(name));
        if (!name.startsWith('${')) expect([written?.value, others]).toEqual([name, []]);
        expect(text).toMatchObject({ kind: 'text', value: name });
      }),
      { examples: [["it's"], ['--'], ['/*'], ['`']] },
    );
  });
});

describe('tokens', () => {
  test('leave out blanks and comments, and cover all else, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a1 \'`"-/*\n;.=>é'.split('')), maxLength: 40 }), (text) => {
        let end = 0;
        for (const token of tokenize(text)) {
          expect(text.slice(end, token.start)).toMatch(/^(?:\s|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))*$/);
          expect(token.end).toBeGreaterThan(token.start);
          ({ end } = token);
        }
        expect(text.slice(end)).toMatch(/^(?:\s|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))*$/);
      }),
    );
  });

  test('what is not closed ends with the text, and says so', () => {
    expect(tokenize("a 'b")).toMatchObject([
      { kind: 'word', value: 'A' },
      { kind: 'text', value: 'b', open: true },
    ]);
  });

  test.each([
    ['SELECT -- ‸', true],
    ['SELECT /* ‸ */ 1', true],
    ["SELECT '-- ‸'", false],
    ['SELECT /* a */ ‸', false],
  ])('%s lies in a comment: %s', (marked, expected) =>
    expect(inComment(marked.replace('‸', ''), marked.indexOf('‸'))).toBe(expected),
  );
});
