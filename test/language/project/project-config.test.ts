import { expect, test } from 'vitest';
import { isProjectFile, readProjectConfig } from '../../../language/project/project-config.ts';

test('a whole configuration is read; values are texts, as SET and DEFINE have them', () => {
  const text = `{"$schema": "x", "files": ["src"], "order": ["src/a.ksql"], "dialect": "2018", "functions": ["functions"],
    "variables": {"n": 3}, "properties": {"auto.offset.reset": "earliest", "ksql.suppress.enabled": false}, "rules": {"unknown-source": "error"}}`;
  const { config, problems } = readProjectConfig(text);
  expect(problems).toEqual([]);
  expect(config).toMatchObject({
    variables: { n: '3' },
    properties: { 'ksql.suppress.enabled': 'false' },
    dialect: '2018',
    rules: { 'unknown-source': 'error' },
  });
});

test.each([
  ['{"file": []}', 'A project has no "file". Did you mean files?'],
  ['{"files": "src"}', '"files" is a list of texts.'],
  ['{"dialect": "2019"}', '"dialect" is "latest" or "2018".'],
  ['{"rules": {"unknown-source": "fatal"}}', '"rules" gives each code one of error, warning, information, hint, off.'],
  ['{"properties": {"ksql.supress.enabled": true}}', 'did you mean ksql.suppress.enabled?'],
  ['[]', 'holds one JSON object'],
  ['{"files": ', 'JSON'],
])('%s', (text, message) => {
  const { problems } = readProjectConfig(text);
  expect(problems.map((problem) => problem.message).join('\n')).toContain(message);
});

test.each([
  [undefined, 'a/b.ksql', true],
  [undefined, 'a/b.ksqlnb', true],
  [undefined, 'a/b.sql', false],
  [['src'], 'src/a/b.ksql', true],
  [['src/'], 'src/b.sql', false],
  [['./src/b.sql'], 'src/b.sql', true],
  [['**/*.sql'], 'b.sql', true],
  [['**/*.sql'], 'x/y/b.sql', true],
  [['*.ksql'], 'x/b.ksql', false],
  [['part?/(a).ksql'], 'part1/(a).ksql', true],
])('%j has %s: %s', (files, path, expected) => {
  expect(isProjectFile(path, '', files === undefined ? {} : { files })).toBe(expected);
});

test.each([
  ['-- ksql\nSELECT 1;', true],
  ['-- vim: set ft=ksql :\n', true],
  ['-- -*- mode: ksql -*-', true],
  ['-- not for ksql\n-- ksql\n', false],
  ['SELECT 1;', false],
])('a .sql file that begins with %j is KSQL: %s', (text, expected) => {
  expect(isProjectFile('a.sql', text, {})).toBe(expected);
});
