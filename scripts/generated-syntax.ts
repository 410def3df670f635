import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FUNCTIONS } from '../language/functions/catalogue.ts';
import { PRIMITIVE_TYPES } from '../language/types/parse-type.ts';

const root = path.join(import.meta.dirname, '..');
const grammar = readFileSync(path.join(root, 'language/ksql.langium'), 'utf8');
const types = [...PRIMITIVE_TYPES.keys(), 'DECIMAL', 'ARRAY', 'MAP', 'STRUCT'];
const words = [...grammar.matchAll(/'([A-Z]+)'/g)].map((match) => match[1]!);
const constants = ['TRUE', 'FALSE', 'NULL'];
/** Words that are names far more often than they are keywords; the language server colours them by what they are. */
const names = ['ID', 'SUBJECT', 'YEAR', 'MONTH', 'ZONE', 'SYSTEM', 'COLUMNS', 'COLUMN'];
const keywords = [...new Set(words)].filter((word) => ![...types, ...constants, ...names].includes(word)).sort();

const anyOf = (all: Iterable<string>) => `(?i)(?<![\\w@.])(?:${[...all].join('|')})(?![\\w@])`;

const SYNTAX = {
  $schema: 'https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json',
  name: 'KSQL',
  scopeName: 'source.ksql',
  patterns: [
    { name: 'comment.line.double-dash.ksql', match: '--.*$' },
    { name: 'comment.block.ksql', begin: '/\\*', end: '\\*/' },
    {
      name: 'string.quoted.single.ksql',
      begin: "'",
      end: "'(?!')",
      patterns: [{ name: 'constant.character.escape.ksql', match: "''" }, { include: '#variable' }],
    },
    { name: 'variable.other.quoted.ksql', match: '`(?:[^`]|``)*`|"(?:[^"]|"")*"' },
    { include: '#variable' },
    { name: 'constant.numeric.ksql', match: '(?<![\\w@])\\d+(?:\\.\\d*)?(?:[eE][+-]?\\d+)?(?![\\w@])' },
    { name: 'constant.language.ksql', match: anyOf(constants) },
    { name: 'support.function.ksql', match: `${anyOf(FUNCTIONS.keys())}(?=\\s*\\()` },
    { name: 'storage.type.ksql', match: anyOf(types) },
    { name: 'keyword.other.ksql', match: anyOf(keywords) },
    { name: 'keyword.operator.ksql', match: '->|=>|:=|<>|!=|<=|>=|\\|\\||[=<>+\\-*/%]' },
  ],
  repository: { variable: { name: 'variable.parameter.ksql', match: '\\$\\{[A-Za-z_]\\w*\\}' } },
};

/**
 * The TextMate grammar, made from what the language knows of its keywords, types and functions, so that colouring by
 * the grammar and by the language server agree.
 */
export const syntaxText = (): string => `${JSON.stringify(SYNTAX, undefined, 2)}\n`;
