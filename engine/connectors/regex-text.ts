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

type Append = (draft: Draft, random: SeededRandom) => void;

/** What stands for any character, and what a negated class leaves: ASCII that can be printed. */
const ANY_CHARACTER = Array.from({ length: 95 }, (_, i) => i + 32);

/**
 * Makes texts that match a regular expression of Java. What can be repeated is repeated until the text is as long as wanted, and
 * no further.
 * @throws Error when the expression is wrong, or has something that texts cannot be made of
 */
export function regexText(pattern: string, { least, most }: TextLength): (random: SeededRandom) => string {
  const append = appendAlternatives(tokenizer(pattern));
  return (random) => {
    const draft: Draft = { text: '', wanted: random.between(least, most) };
    append(draft, random);
    return draft.text;
  };
}

function appendAlternatives({ options, stack }: Root | Group): Append {
  const alternatives = (options ?? [stack ?? []]).map(appendSequence);
  return alternatives.length === 1
    ? alternatives[0]!
    : (draft, random) => {
        random.pick(alternatives)(draft, random);
      };
}

function appendSequence(tokens: readonly Token[]): Append {
  const parts = tokens.map(appendToken);
  return (draft, random) => {
    for (const part of parts) part(draft, random);
  };
}

function appendToken(token: Token): Append {
  switch (token.type) {
    case types.CHAR: {
      const character = String.fromCodePoint(token.value);
      return (draft) => {
        draft.text += character;
      };
    }
    case types.SET: {
      const characters = [...charactersOf(token)].map((code) => String.fromCodePoint(code));
      if (characters.length === 0) throw new Error('A class has no character that can be printed.');
      return (draft, random) => {
        draft.text += random.pick(characters);
      };
    }
    case types.REPETITION: {
      const append = appendToken(token.value);
      const { min, max } = token;
      return (draft, random) => {
        for (let count = 0; count < min || (count < max && draft.text.length < draft.wanted); count++) {
          const { length } = draft.text;
          append(draft, random);
          // What adds nothing would be repeated without end.
          if (count >= min && draft.text.length === length) return;
        }
      };
    }
    case types.GROUP:
      if (token.followedBy || token.notFollowedBy || token.lookBehind)
        throw new Error('Texts cannot be made of an expression that looks ahead or behind.');
      return appendAlternatives(token);
    case types.POSITION:
      return () => undefined;
    case types.REFERENCE:
      throw new Error('Texts cannot be made of an expression that refers to a group.');
    default:
      return token satisfies never;
  }
}

function charactersOf({ set, not }: RegexSet): Set<number> {
  const listed = new Set<number>();
  for (const part of set) {
    if (part.type === types.SET) for (const code of charactersOf(part)) listed.add(code);
    else if (part.type === types.CHAR) listed.add(part.value);
    else for (let code = part.from; code <= Math.min(part.to, part.from + 0xffff); code++) listed.add(code);
  }
  return not ? new Set(ANY_CHARACTER.filter((code) => !listed.has(code))) : listed;
}
