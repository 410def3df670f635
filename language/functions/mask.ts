import { EvaluationError } from '../types/evaluation-error.ts';
import { p, primitive, t } from './define.ts';
import type { ScalarFunction, ScalarOverload } from './function.ts';

/** What each class of characters is replaced by; null leaves the class as it is. */
interface Masks {
  readonly upper: string | null;
  readonly lower: string | null;
  readonly digit: string | null;
  readonly other: string | null;
}

const DEFAULT_MASKS: Masks = { upper: 'X', lower: 'x', digit: 'n', other: '-' };

function masksOf([upper, lower, digit, other]: readonly (string | null)[]): Masks {
  const single = (mask: string | null | undefined): string | null => {
    if (mask === null || mask === undefined) return null;
    if (mask.length === 1) return mask;
    throw new EvaluationError(`Invalid mask character. Must be only single character, but was '${mask}'`);
  };
  return { upper: single(upper), lower: single(lower), digit: single(digit), other: single(other) };
}

/** Replaces the characters of `text` from `start` to `end`. */
function maskRange(text: string, start: number, end: number, masks: Masks): string {
  let masked = text.slice(0, start);
  for (let at = start; at < end; at++) {
    // As ksqlDB does, a character beyond the first plane is masked by what it is, and its second half as something
    // else.
    masked += maskFor(String.fromCodePoint(text.codePointAt(at)!), masks) ?? text[at]!;
  }
  return masked + text.slice(end);
}

function maskFor(character: string, masks: Masks): string | null {
  if (/\p{Lu}/u.test(character)) return masks.upper;
  if (/\p{Ll}/u.test(character)) return masks.lower;
  return /\p{Nd}/u.test(character) ? masks.digit : masks.other;
}

const MASK_PARAMETERS = [p('upper', t.string), p('lower', t.string), p('digit', t.string), p('other', t.string)];
const input = p('input', t.string);

function countOf(count: number, name: string): number {
  if (count < 0) throw new EvaluationError(`function ${name} requires a non-negative number`);
  return count;
}

/** MASK_LEFT and its relatives: `range` gives what to replace of a text of some length. */
function partial(
  name: string,
  summary: string,
  range: (length: number, count: number) => readonly [number, number],
  result: string,
): ScalarFunction {
  const count = primitive('numChars', t.int);
  const run = (text: string | null, n: number, masks: Masks) => {
    const chosen = countOf(n, name.toLowerCase());
    if (text === null) return null;
    const [start, end] = range(text.length, Math.min(chosen, text.length));
    return maskRange(text, start, end, masks);
  };
  const overloads: ScalarOverload[] = [
    {
      parameters: [input, count],
      returns: t.string,
      handlesNull: true,
      implement: () => (text, n) => run(text, n, DEFAULT_MASKS),
    },
    {
      parameters: [input, count, ...MASK_PARAMETERS],
      returns: t.string,
      handlesNull: true,
      implement:
        () =>
        (text, n, ...masks) =>
          run(text, n, masksOf(masks)),
    },
  ];
  return {
    kind: 'scalar',
    name,
    spelling: name.toLowerCase(),
    category: 'STRING',
    summary,
    overloads,
    examples: [{ call: `${name}('My Test $123', 4)`, result }],
  };
}

const MASK: ScalarFunction = {
  kind: 'scalar',
  name: 'MASK',
  category: 'STRING',
  summary:
    'Hides a text: capitals become X, small letters x, digits n and everything else -, or characters of your own.',
  details: 'A mask of NULL leaves its class as it is; masks must be single characters.',
  spelling: 'mask',
  overloads: [
    {
      parameters: [input],
      returns: t.string,
      implement: () => (text: string) => maskRange(text, 0, text.length, DEFAULT_MASKS),
    },
    {
      parameters: [input, ...MASK_PARAMETERS],
      returns: t.string,
      handlesNull: true,
      implement:
        () =>
        (text: string | null, ...masks) => {
          const chosen = masksOf(masks);
          return text === null ? null : maskRange(text, 0, text.length, chosen);
        },
    },
  ],
  examples: [{ call: "MASK('My Test $123')", result: "'Xx-Xxxx--nnn'" }],
};

export const MASK_FUNCTIONS: readonly ScalarFunction[] = [
  MASK,
  partial('MASK_LEFT', 'Hides the first characters of a text.', (_, n) => [0, n], "'Xx-Xest $123'"),
  partial('MASK_RIGHT', 'Hides the last characters of a text.', (length, n) => [length - n, length], "'My Test -nnn'"),
  partial(
    'MASK_KEEP_LEFT',
    'Hides all but the first characters of a text.',
    (length, n) => [n, length],
    "'My Txxx--nnn'",
  ),
  partial(
    'MASK_KEEP_RIGHT',
    'Hides all but the last characters of a text.',
    (length, n) => [0, length - n],
    "'Xx-Xxxx-$123'",
  ),
];
