import { EvaluationError } from '../types/evaluation-error.ts';
import { DAY_MS, daysFromCivil } from '../types/temporal-text.ts';
import { MONTHS, tokenize, WEEKDAYS } from './date-tokens.ts';

/**
 * Reads a date by a pattern in the syntax of java.text.SimpleDateFormat, as PARSE_DATE does: numbers may overflow into the next
 * field, what follows the match is not looked at, and neither is the weekday.
 *
 * @returns days since the epoch.
 * @throws EvaluationError when the pattern is wrong or the text does not fit.
 */
export function simpleDateReader(pattern: string): (text: string) => number {
  const tokens = tokenize(pattern.replace(/u/g, 'e'));
  return (text) => {
    const values = new Map<string, number>();
    let at = 0;
    const fail = () => new EvaluationError(`Failed to parse date '${text}' with formatter '${pattern}'`);
    tokens.forEach((token, i) => {
      if (token.kind === 'optional')
        throw new EvaluationError(`Pattern '${pattern}' has a part in brackets, which PARSE_DATE does not know.`);
      if (token.kind === 'literal') {
        if (!text.startsWith(token.text, at)) throw fail();
        at += token.text.length;
        return;
      }
      const { letter, count } = token;
      const names = letter === 'E' ? WEEKDAYS : (letter === 'M' || letter === 'L') && count >= 3 ? MONTHS : undefined;
      if (names !== undefined) {
        const found = matchName(text.slice(at), names);
        if (found === undefined) throw fail();
        at += found.length;
        if (letter !== 'E') values.set('M', found.index + 1);
        return;
      }
      while (text[at] === ' ') at++;
      const next = tokens[i + 1];
      const isAdjacent = next?.kind === 'field' && !(next.count >= 3 && 'ME'.includes(next.letter));
      const match = new RegExp(isAdjacent ? `^-?\\d{1,${count}}` : '^-?\\d+').exec(text.slice(at));
      if (match === null) throw fail();
      at += match[0].length;
      const value = Number(match[0]);
      values.set(letter, letter === 'y' && count < 3 && match[0].length <= 2 ? centuryOf(value) : value);
    });
    return resolve(values, pattern);
  };
}

/** Two digits mean the year within 80 years before and 20 after now. */
function centuryOf(value: number): number {
  const now = new Date().getUTCFullYear();
  const candidate = now - (now % 100) + value;
  return candidate > now + 20 ? candidate - 100 : candidate <= now - 80 ? candidate + 100 : candidate;
}

function matchName(
  text: string,
  names: readonly string[],
): { readonly index: number; readonly length: number } | undefined {
  const lower = text.toLowerCase();
  for (const length of [Number.POSITIVE_INFINITY, 3]) {
    const index = names.findIndex((name) => lower.startsWith(name.slice(0, length).toLowerCase()));
    if (index >= 0) return { index, length: Math.min(length, names[index]!.length) };
  }
  return undefined;
}

function resolve(values: ReadonlyMap<string, number>, pattern: string): number {
  const year = values.get('y') ?? values.get('Y') ?? 1970;
  const dayOfYear = values.get('D');
  const month = (values.get('M') ?? values.get('L') ?? 1) - 1;
  const monthStart = daysFromCivil(year + Math.floor(month / 12), (((month % 12) + 12) % 12) + 1, 1);
  const days =
    dayOfYear === undefined ? monthStart + (values.get('d') ?? 1) - 1 : daysFromCivil(year, 1, 1) + dayOfYear - 1;
  const hours = values.get('H') ?? values.get('h') ?? values.get('k') ?? values.get('K') ?? 0;
  const timeMs = ((hours * 60 + (values.get('m') ?? 0)) * 60 + (values.get('s') ?? 0)) * 1000 + (values.get('S') ?? 0);
  if (timeMs % DAY_MS !== 0) throw new EvaluationError(`Date format contains time field: '${pattern}'`);
  return days + timeMs / DAY_MS;
}
