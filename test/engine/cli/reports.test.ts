import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { githubAnnotations, sarifReport } from '../../../engine/cli/printing/check-reports.ts';
import { junitReport, tapReport } from '../../../engine/cli/printing/test-reports.ts';
import type { Verdict } from '../../../engine/testing/verdict.ts';
import { Workplace } from '../../support/ksql-command.ts';

const place = new Workplace();
afterAll(() => place.remove());

const WRONG = {
  file: 'queries/a b.ksql',
  text: 'SHOW STREAMS;\nSELECT itm FROM orders;\n',
  statements: 2,
  diagnostics: [
    {
      code: 'unknown-column',
      severity: 'error',
      message: 'itm, 100% unknown:\nsee above',
      range: { start: 21, end: 24 },
      statement: 1,
      fixes: [{ title: 'Change to ITEM', edits: [{ range: { start: 21, end: 24 }, text: 'item' }] }],
    },
    {
      code: 'unused-source',
      severity: 'hint',
      message: 'unused',
      range: { start: 0, end: 20 },
      statement: 0,
      fixes: [],
    },
  ],
} as const;

describe('check', () => {
  test('SARIF has a rule for each code, places from 1, and the fixes', () => {
    const { version, runs } = sarifReport([WRONG]);
    expect(version).toBe('2.1.0');
    expect(runs[0]!.tool.driver.rules.map(({ id }) => id)).toEqual(['unknown-column', 'unused-source']);
    const [first, second] = runs[0]!.results;
    expect(first).toMatchObject({ ruleId: 'unknown-column', ruleIndex: 0, level: 'error' });
    expect(first!.locations[0]!.physicalLocation).toEqual({
      artifactLocation: { uri: 'queries/a%20b.ksql' },
      region: { startLine: 2, startColumn: 8, endLine: 2, endColumn: 11 },
    });
    expect(first!.fixes?.[0]?.artifactChanges[0]?.replacements[0]?.insertedContent).toEqual({ text: 'item' });
    expect(second).toMatchObject({ ruleIndex: 1, level: 'note' });
  });

  test("GitHub's commands stand on one line each, whatever is in the message", () => {
    expect(githubAnnotations(WRONG).split('\n')).toEqual([
      '::error file=queries/a b.ksql,line=2,endLine=2,col=8,endColumn=11,title=unknown-column::itm, 100%25 unknown:%0Asee above',
      '::notice file=queries/a b.ksql,line=1,endLine=2,title=unused-source::unused',
      '',
    ]);
  });

  test('the command prints them, and fails as with text', async () => {
    const file = place.write('wrong.ksql', 'SELECT FROM;\n');
    const { code, stdout } = await place.run(['check', '--format', 'sarif', file]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).runs[0].results).toHaveLength(1);
  });
});

const verdict = (own: Partial<Verdict>): Verdict => ({
  file: 'a.test.ksql',
  name: 'rows come',
  format: null,
  kind: 'test',
  verdict: 'passed',
  error: null,
  message: null,
  durationMs: 12,
  ...own,
});
const VERDICTS = [
  verdict({}),
  verdict({ name: 'a # <b>\n& "c"', verdict: 'failed', message: 'expected 1 < 2\ncame \u0000"3"', line: 7 }),
  verdict({ file: 'b.json', name: 'later', verdict: 'skipped', message: 'The file disables this case.' }),
];

describe('test', () => {
  test('TAP has a plan, and says where a failure is and what it is', () => {
    expect(tapReport(VERDICTS)).toBe(
      [
        'TAP version 14',
        '1..3',
        'ok 1 - rows come',
        'not ok 2 - a \\# <b> & "c"',
        '  ---',
        '  message: |',
        '    expected 1 < 2',
        '    came \u0000"3"',
        '  file: "a.test.ksql"',
        '  line: 7',
        '  ...',
        'ok 3 - later # SKIP The file disables this case.',
        '',
      ].join('\n'),
    );
  });

  test('JUnit has a suite for each file, and holds what XML can hold', () => {
    const xml = junitReport(VERDICTS);
    expect(xml).toContain('<testsuites tests="3" failures="1" errors="0" skipped="1" time="0.036">');
    expect(xml).toContain('<testsuite name="b.json" tests="1" failures="0" errors="0" skipped="1" time="0.012">');
    expect(xml).toContain('<testcase name="a # &lt;b&gt;\n&amp; &quot;c&quot;" classname="a.test.ksql"');
    expect(xml).toContain('<failure message="expected 1 &lt; 2">expected 1 &lt; 2\ncame &quot;3&quot;</failure>');
    expect(xml).not.toContain('\u0000');
  });
});

describe('what the guide to continuous integration shows', () => {
  const guide = readFileSync(path.join(import.meta.dirname, '../../../docs/continuous-integration.md'), 'utf8');
  const commands = [...guide.matchAll(/ksql (?:check|test|format) [^\n`"&]*/g)].map(([command]) => command.trim());

  test('is what the command line takes', async () => {
    expect(commands.length).toBeGreaterThan(4);
    place.write('queries/right.ksql', 'SHOW STREAMS;\n');
    place.write('queries/one.test.ksql', '--@test: nothing\nSHOW STREAMS;\n');
    for (const command of new Set(commands)) {
      const args = command
        .split(' ')
        .slice(1)
        .filter((word) => word !== '>' && !/\.(?:sarif|xml)$/.test(word));
      // Of what a hook runs, the files come from elsewhere.
      if (!args.includes('queries')) args.push('queries');
      expect([command, (await place.run(args)).code]).toEqual([command, 0]);
    }
  }, 60_000);
});
