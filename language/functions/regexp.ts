import { type JavaMatch, type JavaRegex, javaRegex } from '../java/regex/java-regex.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import type { SqlValue } from '../types/sql-type.ts';
import { p, t } from './define.ts';
import type { ScalarFunction } from './function.ts';

const pattern = p('pattern', t.string, 'A regular expression of Java.');
const input = p('input', t.string);
const group = p('group', t.int, 'Which group to take; 0 is the whole match.');

function extract(pattern: string, text: string, group = 0): SqlValue {
  const regex = javaRegex(pattern);
  const match = regex.find(text);
  return match === null || group > regex.groupCount ? null : groupOf(match, group);
}

function groupOf(match: JavaMatch, group: number): string | null {
  if (group < 0) throw new EvaluationError(`No group ${group}`);
  return match.groups[group]!;
}

function extractAll(pattern: string, text: string, group = 0): SqlValue {
  const regex = javaRegex(pattern);
  return group > regex.groupCount ? null : regex.findAll(text).map((match) => groupOf(match, group));
}

/**
 * ksqlDB splits by Guava's Splitter, but by Java's own where the pattern matches the empty text, which the Splitter
 * refuses.
 */
function split(text: string, pattern: string): SqlValue {
  const regex = javaRegex(pattern);
  return regex.matchesEmpty ? splitAsJava(text, regex) : splitAsGuava(text, regex);
}

/** Pattern.split: no empty part before an empty match at the beginning, and none at the end. */
function splitAsJava(text: string, regex: JavaRegex): SqlValue {
  const parts: string[] = [];
  let start = 0;
  for (const { index, end } of regex.findAll(text)) {
    if (end === 0) continue;
    parts.push(text.slice(start, index));
    start = end;
  }
  if (parts.length === 0) return [text];
  parts.push(text.slice(start));
  return parts.slice(0, parts.findLastIndex((part) => part !== '') + 1);
}

/**
 * Splitter.on: every part is kept. An empty match where a part begins separates nothing, but there is no part at the
 * end then.
 */
function splitAsGuava(text: string, regex: JavaRegex): SqlValue {
  const parts: string[] = [];
  let start = 0;
  for (const { index, end } of regex.findAll(text)) {
    if (end > start) parts.push(text.slice(start, index));
    if (end === index && end === text.length) return parts;
    start = end;
  }
  return [...parts, text.slice(start)];
}

export const REGEXP_FUNCTIONS: readonly ScalarFunction[] = [
  {
    kind: 'scalar',
    name: 'REGEXP_EXTRACT',
    category: 'REGULAR EXPRESSION',
    summary: 'The first match of a regular expression, or one of its groups; NULL where there is none.',
    details: 'Patterns are those of Java. A group that the pattern does not have gives NULL.',
    spelling: 'regexp_extract',
    overloads: [
      { parameters: [pattern, input], returns: t.string, implement: () => extract },
      { parameters: [pattern, input, group], returns: t.string, implement: () => extract },
    ],
    examples: [{ call: "REGEXP_EXTRACT('(.*) (.*)', 'hello there', 2)", result: "'there'" }],
  },
  {
    kind: 'scalar',
    name: 'REGEXP_EXTRACT_ALL',
    category: 'REGULAR EXPRESSION',
    summary: 'All matches of a regular expression, or of one of its groups.',
    details: 'No match gives an empty array. A group that the pattern does not have gives NULL.',
    spelling: 'regexp_extract_all',
    overloads: [
      { parameters: [pattern, input], returns: t.array(t.string), implement: () => extractAll },
      { parameters: [pattern, input, group], returns: t.array(t.string), implement: () => extractAll },
    ],
    examples: [{ call: "REGEXP_EXTRACT_ALL('[a-z]+', 'ab 1 cd')", result: "ARRAY['ab', 'cd']" }],
  },
  {
    kind: 'scalar',
    name: 'REGEXP_REPLACE',
    category: 'REGULAR EXPRESSION',
    summary: 'The text with every match replaced; $1 stands for a group.',
    details: 'In the replacement a backslash takes the next character as it is.',
    spelling: 'regexp_replace',
    overloads: [
      {
        parameters: [p('str', t.string), p('regexp', t.string), p('newStr', t.string)],
        returns: t.string,
        implement: () => (text: string, source: string, replacement: string) =>
          javaRegex(source).replaceAll(text, replacement),
      },
    ],
    examples: [{ call: "REGEXP_REPLACE('foobar', '(o)+', 'u')", result: "'fubar'" }],
  },
  {
    kind: 'scalar',
    name: 'REGEXP_SPLIT_TO_ARRAY',
    category: 'REGULAR EXPRESSION',
    summary: 'The parts of a text between the matches of a regular expression.',
    details:
      'Empty parts are kept, unless the pattern matches the empty text: then the text is cut everywhere, and empty parts at its end are dropped.',
    spelling: 'regexp_split_to_array',
    overloads: [
      {
        parameters: [p('string', t.string), p('regexp', t.string)],
        returns: t.array(t.string),
        implement: () => split,
      },
    ],
    examples: [{ call: "REGEXP_SPLIT_TO_ARRAY('a1b2c', '[0-9]')", result: "ARRAY['a', 'b', 'c']" }],
  },
];
