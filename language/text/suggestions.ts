import { editDistance } from './edit-distance.ts';

/**
 * More candidates than this are not compared: in a script of many thousand statements each slip would be held against
 * them all.
 */
const MOST_CANDIDATES = 2_000;

/**
 * The candidate that the name is most likely a slip of: the same but for case, or at a small edit distance. Undefined
 * when nothing comes close.
 */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toUpperCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  let compared = 0;
  for (const candidate of candidates) {
    if (++compared > MOST_CANDIDATES) break;
    const distance = editDistance(wanted, candidate.toUpperCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * What ksqlDB adds to a message about an unknown source, when there is one that differs in case or by a slip; starts
 * with a line break, or is empty.
 */
export function sourceHint(name: string, candidates: Iterable<string>): string {
  const suggestion = closest(name, candidates);
  if (suggestion === undefined) return '';
  if (suggestion.toUpperCase() !== name.toUpperCase()) return `\nDid you mean ${suggestion}?`;
  return suggestion === suggestion.toUpperCase()
    ? `\nDid you mean ${suggestion}? Hint: try removing double quotes from the source name.`
    : `\nDid you mean "${suggestion}"? Hint: wrap the source name in double quotes to make it case-sensitive.`;
}
