// The main module of the library exports its function in a way that ECMAScript modules do not see.
import { tokenizer } from 'ret/dist/tokenizer.js';
import { type Group, type Set as RegexSet, type Root, type Token, types } from 'ret/dist/types/index.js';
import type { SeededRandom } from './random.ts';

/** How long a text is to be, in UTF-16 units; the expression goes before it. */
export interface TextLength {
  readonly least: number;
  readonly most: number;
}

/** What datagen takes where nothing is said. */
export const DEFAULT_LENGTH: TextLength = { least: 8, most: 15 };

/** A text that is being made. */
interface Draft {
  text: string;
  /** Repetitions go on until the text is so long. */
  readonly wanted: number;
}

/** Adds to a draft what a part of an expression stands for. */
interface Part {
  readonly append: (draft: Draft, random: SeededRandom) => void;
  /** How long it is at least. */
  readonly least: number;
}

/** The longest text that an expression may ask for. */
const MAX_LENGTH = 100_000;

/** What stands for any character, and what a negated class leaves: ASCII that can be printed. */
const ANY_CHARACTER = Array.from({ length: 95 }, (_, i) => i + 32);

/**
 * Makes texts that match a regular expression of Java. What can be repeated is repeated until the text is as long as
 * wanted, and no further.
 * @throws Error when the expression is wrong, or has something that texts cannot be made of
 */
export function regexText(pattern: string, { least, most }: TextLength): (random: SeededRandom) => string {
  const whole = alternatives(tokenizer(pattern));
  if (whole.least > MAX_LENGTH) throw new Error(`The texts of ${pattern} are longer than ${MAX_LENGTH}.`);
  return (random) => {
    const draft: Draft = { text: '', wanted: random.between(least, most) };
    whole.append(draft, random);
    return draft.text;
  };
}

function alternatives({ options, stack }: Root | Group): Part {
  const parts = (options ?? [stack ?? []]).map(sequence);
  if (parts.length === 1) return parts[0]!;
  return {
    append(draft, random) {
      random.pick(parts).append(draft, random);
    },
    least: Math.max(...parts.map(({ least }) => least)),
  };
}

function sequence(tokens: readonly Token[]): Part {
  const parts = tokens.map(partOf);
  return {
    append(draft, random) {
      for (const part of parts) part.append(draft, random);
    },
    least: parts.reduce((sum, { least }) => sum + least, 0),
  };
}

function partOf(token: Token): Part {
  switch (token.type) {
    case types.CHAR:
      return oneOf([token.value]);
    case types.SET:
      return oneOf([...charactersOf(token)]);
    case types.REPETITION:
      return repetition(partOf(token.value), token.min, token.max);
    case types.GROUP:
      if (token.followedBy || token.notFollowedBy || token.lookBehind)
        throw new Error('Texts cannot be made of an expression that looks ahead or behind.');
      return alternatives(token);
    case types.POSITION:
      return { append: () => undefined, least: 0 };
    case types.REFERENCE:
      throw new Error('Texts cannot be made of an expression that refers to a group.');
    default:
      return token satisfies never;
  }
}

function oneOf(codes: readonly number[]): Part {
  const characters = codes.map((code) => String.fromCodePoint(code));
  if (characters.length === 0) throw new Error('A class has no character that can be printed.');
  return {
    append(draft, random) {
      draft.text += characters.length === 1 ? characters[0] : random.pick(characters);
    },
    least: 1,
  };
}

function repetition(part: Part, min: number, max: number): Part {
  return {
    append(draft, random) {
      for (let count = 0; count < min || (count < max && draft.text.length < draft.wanted); count++) {
        const { length } = draft.text;
        part.append(draft, random);
        // Whatever matches nothing may do so as often as is left.
        if (draft.text.length === length) return;
      }
    },
    least: min * part.least,
  };
}

/** Halves of surrogate pairs are no characters. */
const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

function charactersOf({ set, not }: RegexSet): Set<number> {
  const listed = new Set<number>();
  for (const part of set) {
    if (part.type === types.SET) for (const code of charactersOf(part)) listed.add(code);
    else if (part.type === types.CHAR) listed.add(part.value);
    else
      for (let code = part.from; code <= Math.min(part.to, part.from + 0xffff); code++)
        if (!isSurrogate(code)) listed.add(code);
  }
  return not ? new Set(ANY_CHARACTER.filter((code) => !listed.has(code))) : listed;
}
