import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { longestNativeText } from '../../../../language/java/regex/cost.ts';
import { JavaRegex } from '../../../../language/java/regex/java-regex.ts';
import { RegexMatcher } from '../../../../language/java/regex/matcher.ts';
import { parseRegex } from '../../../../language/java/regex/parser.ts';
import { compileRegex, type RegexProgram } from '../../../../language/java/regex/program.ts';
import { regexSource } from '../../../../language/java/regex/source.ts';

/** Each match with its groups, `-` for one that took no part. */
const allMatches = (regex: JavaRegex, text: string): string =>
  regex
    .findAll(text)
    .map(({ groups }) => groups.map((group) => group ?? '-').join('|'))
    .join(' ');

/** What java.util.regex of Java 17 finds, where JavaScript's engine would find something else. */
const JAVA: readonly [pattern: string, text: string, matches: string][] = [
  ['(a|(b))*', 'ba', 'ba|a|b |-|-'],
  ['(?:(a)|(b)|c)+', 'abc', 'abc|a|b'],
  ['(a?)*', 'aa', 'aa| |'],
  ['(a|)*', 'b', '| |'],
  ['(a*){2,3}', 'aa', 'aa| |'],
  ['()*', 'a', '|- |-'],
  ['(|a)*', 'a', '| |'],
  ['(|a)+?b', 'aab', 'aab|a'],
  ['(a*?)*b', 'aab', 'aab|'],
  ['(?:(a)?b)*', 'abb', 'abb|a |-'],
  ['(a*)?b', 'b', 'b|'],
  ['(a)|\\1b', 'b', ''],
  ['(a)?\\1b', 'b', ''],
  ['(?i)(a)\\1', 'aA', 'aA|a'],
  ['(?iu)(é)\\1', 'éÉ', 'éÉ|é'],
  ['(?:a|ab){2}+', 'aba', ''],
  ['(?:a|ab)*+c', 'abc', 'c'],
  ['(?>a|ab)c', 'abc', ''],
  ['(?:(?=(a))b|c)', 'ac', 'c|a'],
  ['(?:(?!(a))b|a)', 'a', 'a|a'],
  ['(?<=(a|ab))c', 'abc', 'c|ab'],
  ['(?<!\\d{2})x', '1x12x', 'x'],
  ['\\R\\n', '\r\n', '\r\n'],
  ['(\\w)(\\d)?(?:-\\1)*', 'a-a', 'a-a|a|-'],
  ['(a{2,3}?){2}', 'aaaaa', 'aaaa|aa'],
  ['(x?y?){3,}z', 'xyz', 'xyz|'],
  ['^(?:(a)|b)*\\1$', 'aba', 'aba|a'],
  ['((a)(b)?)+', 'aba', 'aba|a|a|b'],
];

test.each(JAVA)('%s over %j gives what Java gives', (pattern, text, matches) => {
  expect(allMatches(new JavaRegex(pattern), text)).toBe(matches);
});

test('what stands behind must have a length that can be seen', () => {
  expect(() => new JavaRegex('(?<=a+)b')).toThrow(
    /Look-behind group does not have an obvious maximum length near index 7/,
  );
});

test('groups may be nested, but not without an end', () => {
  const nested = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
  expect(new JavaRegex(nested(200)).find('a')?.groups[200]).toBe('a');
  expect(() => new JavaRegex(nested(100_000))).toThrow(/nested deeper than 250/);
  expect(() => new JavaRegex(`${'['.repeat(100_000)}a`)).toThrow(/nested deeper than 250/);
});

const compiled = (pattern: string) => {
  const { root, groupCount } = parseRegex(pattern);
  return { root, program: compileRegex(root, groupCount) };
};

/** The ends of all matches and of their groups. */
function ownMatches(program: RegexProgram, text: string, maxSteps?: number): number[][] {
  const matcher = new RegexMatcher(program);
  matcher.open(text, maxSteps);
  const groupCount = Math.max(0, ...program.code.map(({ group }) => group));
  const matches: number[][] = [];
  for (let from = 0; from <= text.length; ) {
    const ends = matcher.find(from);
    if (ends === undefined) break;
    matches.push([...ends.slice(0, 2 * groupCount + 2)]);
    from = Math.max(ends[1]!, ends[0]! + 1);
  }
  return matches;
}

function nativeMatches(source: string, text: string): number[][] {
  const matches: number[][] = [];
  const regex = new RegExp(source, 'dgv');
  for (const match of text.matchAll(regex)) {
    const named = Object.entries(match.indices!.groups ?? {}).filter(([name]) => name.startsWith('g'));
    const byNumber = named.map(([name, ends]) => [Number(name.slice(1)), ends ?? [-1, -1]] as const);
    matches.push([match.indices![0]!, ...byNumber.toSorted(([a], [b]) => a - b).map(([, ends]) => ends)].flat());
  }
  return matches;
}

const { pattern: patterns } = fc.letrec<{ pattern: string; term: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\s', 'é', '^', '$', '\\b', '\\B', '(?i:b)'),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})`),
    tie('pattern').map((inner) => `(?=${inner})`),
    tie('pattern').map((inner) => `(?!${inner})`),
    tie('pattern').map((inner) => `(?>${inner})`),
    fc.constantFrom('(?<=a)', '(?<!a|bc)', '(?<=.{1,2})'),
  ),
  term: fc
    .tuple(
      tie('atom'),
      fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{2,}'),
      fc.constantFrom('', '', '?', '+'),
    )
    .map(([atom, quantifier, mode]) => (quantifier === '' ? atom : `${atom}${quantifier}${mode}`)),
  pattern: fc
    .array(fc.array(tie('term'), { maxLength: 3 }), { minLength: 1, maxLength: 2 })
    .map((branches) => branches.map((terms) => terms.join('')).join('|')),
}));
const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'A', 'é', '\u0301', ' ', '\n'), { maxLength: 10 });

describe('the two engines', () => {
  test('find the same wherever JavaScript’s is used', () => {
    let compared = 0;
    fc.assert(
      fc.property(patterns, texts, (pattern, letters) => {
        const text = letters.join('');
        const { root, program } = compiled(pattern);
        if (longestNativeText(root) < text.length) return;
        compared++;
        expect(ownMatches(program, text)).toEqual(nativeMatches(regexSource(root), text));
      }),
      { numRuns: 5_000 },
    );
    expect(compared).toBeGreaterThan(1_000);
  });

  test('what failed and is not tried again would not have matched', () => {
    fc.assert(
      fc.property(patterns, texts, (pattern, letters) => {
        const { program } = compiled(pattern);
        const text = letters.join('');
        let all: number[][];
        try {
          all = ownMatches({ ...program, slotCount: 0 }, text);
        } catch {
          return;
        }
        expect(ownMatches(program, text)).toEqual(all);
      }),
      { numRuns: 3_000 },
    );
  });

  test('JavaScript’s is used only where going back again and again ends soon', () => {
    fc.assert(
      fc.property(patterns, texts, texts, fc.nat({ max: 400 }), (pattern, repeated, last, wanted) => {
        const { root, program } = compiled(pattern);
        const length = Math.min(longestNativeText(root), wanted);
        if (length <= 0) return;
        const unit = repeated.join('') || 'a';
        const text = `${unit.repeat(length)}${last.join('')}`.slice(-length);
        ownMatches({ ...program, slotCount: 0, first: undefined }, text, 5_000_000);
      }),
      { numRuns: 1_500 },
    );
  });
});

test.each(['[0-9]+-[0-9]+', '^([A-Z]{3})(\\d+)$', '(\\d+),(\\d+)', '([^,]*),', '(foo|bar)+', '^[\\w.]+@[a-z]+\\.com$'])(
  '%s over texts of usual length is left to JavaScript’s engine',
  (pattern) => {
    expect(longestNativeText(parseRegex(pattern).root)).toBeGreaterThan(200);
  },
);
