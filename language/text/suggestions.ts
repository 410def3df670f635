export { identifierText } from './identifier-text.ts';

/** More candidates than this are not compared: in a script of many thousand statements each slip would be held against them all. */
const MOST_CANDIDATES = 2_000;

/**
 * The candidate that the name is most likely a slip of: the same but for case, or at a small edit distance. Undefined when
 * nothing comes close.
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

/** Levenshtein distance of two texts; gives up with `limit` once it cannot be smaller. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, substitution));
    }
    if (Math.min(...current) >= limit) return limit;
    previous = current;
  }
  return Math.min(limit, previous[b.length]!);
}

/**
 * What ksqlDB adds to a message about an unknown source, when there is one that differs in case or by a slip; starts with a
 * line break, or is empty.
 */
export function sourceHint(name: string, candidates: Iterable<string>): string {
  const suggestion = closest(name, candidates);
  if (suggestion === undefined) return '';
  if (suggestion.toUpperCase() !== name.toUpperCase()) return `\nDid you mean ${suggestion}?`;
  return suggestion === suggestion.toUpperCase()
    ? `\nDid you mean ${suggestion}? Hint: try removing double quotes from the source name.`
    : `\nDid you mean "${suggestion}"? Hint: wrap the source name in double quotes to make it case-sensitive.`;
}
