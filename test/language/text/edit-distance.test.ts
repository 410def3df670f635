import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance } from '../../../language/text/edit-distance.ts';
import { closest } from '../../../language/text/suggestions.ts';

/** The definition itself, without a table. */
function defined(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const best = Math.min(
    defined(a.slice(1), b) + 1,
    defined(a, b.slice(1)) + 1,
    defined(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1),
  );
  if (a.length < 2 || b.length < 2 || a[0] !== b[1] || a[1] !== b[0]) return best;
  return Math.min(best, defined(a.slice(2), b.slice(2)) + 1);
}

test('it counts what is wrong, missing, too many or swapped; beyond the limit it gives the limit', () => {
  const word = fc.string({ unit: fc.constantFrom('A', 'B', 'C'), maxLength: 5 });
  fc.assert(
    fc.property(word, word, fc.integer({ min: 1, max: 6 }), (a, b, limit) => {
      expect(editDistance(a, b)).toBe(defined(a, b));
      expect(editDistance(a, b, limit)).toBe(Math.min(limit, defined(a, b)));
    }),
  );
});

test('two letters that changed places are one slip, in names as in keywords', () => {
  expect(closest('di', ['NAME', 'ID'])).toBe('ID');
});
