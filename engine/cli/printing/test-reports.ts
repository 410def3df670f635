import type { Verdict } from '../../testing/verdict.ts';

const isSkipped = ({ verdict }: Verdict): boolean => verdict === 'skipped' || verdict === 'needs-java';

/** Verdicts in the Test Anything Protocol, version 14. */
export function tapReport(verdicts: readonly Verdict[]): string {
  const points = verdicts.map((verdict, i) => {
    const name = `${i + 1} - ${tapText(verdict.name)}`;
    if (isSkipped(verdict)) return `ok ${name} # SKIP ${tapText(verdict.message ?? '')}`.trimEnd();
    if (verdict.verdict === 'passed') return `ok ${name}`;
    const message = (verdict.message ?? '').split('\n').map((line) => `    ${line}`);
    const at = verdict.line === undefined ? [] : [`  line: ${verdict.line}`];
    const file = `  file: ${JSON.stringify(verdict.file)}`;
    return [`not ok ${name}`, '  ---', '  message: |', ...message, file, ...at, '  ...'].join('\n');
  });
  return ['TAP version 14', `1..${verdicts.length}`, ...points, ''].join('\n');
}

/** A name must not be taken for a directive, and stands on one line. */
const tapText = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('#', '\\#').replace(/\s+/g, ' ');

/** Verdicts as JUnit's XML: one suite for each file. */
export function junitReport(verdicts: readonly Verdict[]): string {
  const suites = [...Map.groupBy(verdicts, ({ file }) => file)].map(([file, own]) => {
    const cases = own.map((verdict) => junitCase(verdict));
    return `  <testsuite name="${xmlText(file)}" ${counts(own)}>\n${cases.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts(verdicts)}>\n${suites.join('')}</testsuites>\n`;
}

function counts(verdicts: readonly Verdict[]): string {
  const failures = verdicts.filter(({ verdict }) => verdict === 'failed').length;
  const time = verdicts.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  return `tests="${verdicts.length}" failures="${failures}" errors="0" skipped="${verdicts.filter(isSkipped).length}" time="${time}"`;
}

function junitCase(verdict: Verdict): string {
  const { file, name, line, message, durationMs } = verdict;
  const place = `file="${xmlText(file)}"${line === undefined ? '' : ` line="${line}"`}`;
  const head = `    <testcase name="${xmlText(name)}" classname="${xmlText(file)}" ${place} time="${durationMs / 1000}"`;
  const text = xmlText(message ?? '');
  if (isSkipped(verdict)) return `${head}>\n      <skipped message="${text}"/>\n    </testcase>\n`;
  if (verdict.verdict === 'passed') return `${head}/>\n`;
  const first = xmlText((message ?? '').split('\n')[0]!);
  return `${head}>\n      <failure message="${first}">${text}</failure>\n    </testcase>\n`;
}

/** What XML cannot hold at all is left out. */
const xmlText = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
