import type { SqlValue } from '../types/sql-type.ts';
import { p, t } from './define.ts';
import type { ScalarFunction } from './function.ts';
import { javaRegex, javaReplace } from './java-regex.ts';

const pattern = p('pattern', t.string, 'A regular expression of Java.');
const input = p('input', t.string);
const group = p('group', t.int, 'Which group to take; 0 is the whole match.');

/** How many groups a pattern has. */
const groupsOf = (regex: RegExp) => new RegExp(`${regex.source}|`, regex.flags.replace('g', '')).exec('')!.length - 1;

function extract(source: string, text: string, index = 0): SqlValue {
  const regex = javaRegex(source);
  const match = regex.exec(text);
  return match === null || index > match.length - 1 || index < 0 ? null : (match[index] ?? null);
}

function extractAll(source: string, text: string, index = 0): SqlValue {
  const regex = javaRegex(source);
  if (index < 0 || index > groupsOf(regex)) return null;
  return Array.from(text.matchAll(regex), (match) => match[index] ?? null);
}

function split(text: string, source: string): SqlValue {
  const regex = javaRegex(source);
  if (regex.test('') && source === '') return Array.from(text);
  const parts: string[] = [];
  let start = 0;
  for (const match of text.matchAll(javaRegex(source))) {
    // Java finds no empty match at the very beginning.
    if (match[0] === '' && (match.index === 0 || match.index >= text.length)) continue;
    parts.push(text.slice(start, match.index));
    start = match.index + match[0].length;
  }
  return [...parts, text.slice(start)];
}

export const REGEXP_FUNCTIONS: readonly ScalarFunction[] = [
  {
    kind: 'scalar',
    name: 'REGEXP_EXTRACT',
    spelling: 'regexp_extract',
    category: 'REGULAR EXPRESSION',
    summary: 'The first match of a regular expression, or one of its groups; NULL where there is none.',
    overloads: [
      { parameters: [pattern, input], returns: t.string, implement: () => extract },
      { parameters: [pattern, input, group], returns: t.string, implement: () => extract },
    ],
    examples: [{ call: "REGEXP_EXTRACT('(.*) (.*)', 'hello there', 2)", result: "'there'" }],
  },
  {
    kind: 'scalar',
    name: 'REGEXP_EXTRACT_ALL',
    spelling: 'regexp_extract_all',
    category: 'REGULAR EXPRESSION',
    summary: 'All matches of a regular expression, or of one of its groups.',
    overloads: [
      { parameters: [pattern, input], returns: t.array(t.string), implement: () => extractAll },
      { parameters: [pattern, input, group], returns: t.array(t.string), implement: () => extractAll },
    ],
    examples: [{ call: "REGEXP_EXTRACT_ALL('[a-z]+', 'ab 1 cd')", result: "ARRAY['ab', 'cd']" }],
  },
  {
    kind: 'scalar',
    name: 'REGEXP_REPLACE',
    spelling: 'regexp_replace',
    category: 'REGULAR EXPRESSION',
    summary: 'The text with every match replaced; $1 stands for a group.',
    overloads: [
      {
        parameters: [p('str', t.string), p('regexp', t.string), p('newStr', t.string)],
        returns: t.string,
        implement: () => (text: string, source: string, replacement: string) =>
          javaReplace(text, javaRegex(source), replacement),
      },
    ],
    examples: [{ call: "REGEXP_REPLACE('foobar', '(o)+', 'u')", result: "'fubar'" }],
  },
  {
    kind: 'scalar',
    name: 'REGEXP_SPLIT_TO_ARRAY',
    spelling: 'regexp_split_to_array',
    category: 'REGULAR EXPRESSION',
    summary: 'The parts of a text between the matches of a regular expression.',
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
