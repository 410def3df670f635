import path from 'node:path';
import { DIAGNOSTICS } from '../../../language/diagnostics/diagnostic-codes.ts';
import { diagnosticPage } from '../../../language/diagnostics/diagnostic-page.ts';
import { type Diagnostic, explain, type RelatedPlace, type TextEdit } from '../../../language/text/diagnostic.ts';
import type { TextRange } from '../../../language/text/text-range.ts';
import { LineIndex } from '../../script/line-index.ts';

/** A file that was checked, with what there is to say of it. */
export interface CheckedFile {
  readonly file: string;
  readonly text: string;
  readonly statements: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** What `ksql check` found, as JSON of its own. */
export function jsonReport(files: readonly CheckedFile[]) {
  return {
    files: files.map(({ file, text, statements, diagnostics }) => {
      const lines = new LineIndex(text);
      const range = (r: TextRange) => ({ start: lines.position(r.start), end: lines.position(r.end) });
      const edit = (e: TextEdit) => ({ ...range(e.range), text: e.text });
      return {
        file,
        statements,
        diagnostics: diagnostics.map((diagnostic) => ({
          code: diagnostic.code,
          severity: diagnostic.severity,
          message: explain(diagnostic),
          statement: diagnostic.statement,
          ...range(diagnostic.range),
          fixes: diagnostic.fixes.map((fix) => ({ title: fix.title, edits: fix.edits.map(edit) })),
          ...(diagnostic.related === undefined ? {} : { related: diagnostic.related.map(relatedPlace) }),
        })),
      };
    }),
  };
}

/** Places of other files are given by their offsets: which lines they are on, only their texts tell. */
const relatedPlace = ({ file, range, message }: RelatedPlace) => ({
  ...(file === undefined ? {} : { file: path.relative('', file) }),
  ...range,
  message,
});

const SARIF_LEVELS = { error: 'error', warning: 'warning', information: 'note', hint: 'note' } as const;

/** The same as SARIF 2.1.0, which code scanning services read. */
export function sarifReport(files: readonly CheckedFile[]) {
  const codes = [...new Set(files.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code)))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'ksql', rules: codes.map(sarifRule) } },
        columnKind: 'utf16CodeUnits',
        results: files.flatMap((file) => sarifResults(file, codes)),
      },
    ],
  };
}

function sarifRule(code: Diagnostic['code']) {
  const { title, meaning, severity } = DIAGNOSTICS[code];
  return {
    id: code,
    shortDescription: { text: title },
    fullDescription: { text: meaning },
    help: { text: meaning, markdown: diagnosticPage(code) },
    defaultConfiguration: { level: SARIF_LEVELS[severity] },
  };
}

function sarifResults({ file, text, diagnostics }: CheckedFile, codes: readonly string[]) {
  const lines = new LineIndex(text);
  const artifactLocation = { uri: encodeURI(file.split(path.sep).join('/')) };
  const region = (range: TextRange) => {
    const [start, end] = [lines.position(range.start), lines.position(range.end)];
    return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
  };
  return diagnostics.map((diagnostic) => ({
    ruleId: diagnostic.code,
    ruleIndex: codes.indexOf(diagnostic.code),
    level: SARIF_LEVELS[diagnostic.severity],
    message: { text: explain(diagnostic) },
    locations: [{ physicalLocation: { artifactLocation, region: region(diagnostic.range) } }],
    ...(diagnostic.fixes.length === 0
      ? {}
      : {
          fixes: diagnostic.fixes.map(({ title, edits }) => ({
            description: { text: title },
            artifactChanges: [
              {
                artifactLocation,
                replacements: edits.map((edit) => ({
                  deletedRegion: region(edit.range),
                  insertedContent: { text: edit.text },
                })),
              },
            ],
          })),
        }),
  }));
}

const GITHUB_COMMANDS = { error: 'error', warning: 'warning', information: 'notice', hint: 'notice' } as const;

/** The same as commands to a GitHub workflow, which shows them in the changes of a pull request. */
export function githubAnnotations({ file, text, diagnostics }: CheckedFile): string {
  const lines = new LineIndex(text);
  return diagnostics
    .map((diagnostic) => {
      const [start, end] = [lines.position(diagnostic.range.start), lines.position(diagnostic.range.end)];
      // Columns are only taken within one line.
      const columns = start.line === end.line ? `,col=${start.column},endColumn=${end.column}` : '';
      const place = `file=${githubProperty(file)},line=${start.line},endLine=${end.line}${columns}`;
      const command = GITHUB_COMMANDS[diagnostic.severity];
      return `::${command} ${place},title=${githubProperty(diagnostic.code)}::${githubText(explain(diagnostic))}\n`;
    })
    .join('');
}

const githubText = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const githubProperty = (text: string): string => githubText(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
