import { DIAGNOSTICS, isDiagnosticCode } from '../../language/diagnostics/diagnostic-codes.ts';
import { diagnosticPage } from '../../language/diagnostics/diagnostic-page.ts';
import { analyzeScript, type Dialect, parseScript } from '../../language/index.ts';
import { EMPTY_METASTORE, type Metastore } from '../../language/metastore/metastore.ts';
import { type Diagnostic, explain, type TextEdit } from '../../language/text/diagnostic.ts';
import { closest } from '../../language/text/suggestions.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import { EXIT, type ExitCode, UsageError } from '../script/exit-codes.ts';
import { LineIndex } from '../script/line-index.ts';
import { findFiles, readScript } from '../script/script-files.ts';
import { type Style, styles } from './printing/style.ts';

export interface CheckOptions {
  readonly dialect: Dialect;
  readonly format: 'text' | 'json';
  readonly together?: boolean;
  readonly property?: Readonly<Record<string, string>>;
  /** A folder with functions of the user's own. */
  readonly functions?: string;
  /** The code whose page is printed, in place of a check. */
  readonly explain?: string;
}

interface CheckedFile {
  readonly file: string;
  readonly text: string;
  readonly statements: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** `ksql check`: analyses files without any connection and prints what is wrong with them. */
export async function check(paths: readonly string[], options: CheckOptions): Promise<ExitCode> {
  if (options.explain !== undefined) {
    process.stdout.write(`${pageOf(options.explain)}\n`);
    return EXIT.done;
  }
  if (paths.length === 0) throw new UsageError('Name a file or a folder to check.');
  const files = checkFiles(findFiles(paths), options, await functionsOf(options.functions));
  process.stdout.write(options.format === 'json' ? `${JSON.stringify(report(files))}\n` : files.map(describe).join(''));
  const failed = files.some((file) => file.diagnostics.some((diagnostic) => diagnostic.severity === 'error'));
  return failed ? EXIT.failed : EXIT.done;
}

/** @throws UsageError for a text that is no code */
function pageOf(code: string): string {
  if (isDiagnosticCode(code)) return diagnosticPage(code);
  const nearest = closest(code, Object.keys(DIAGNOSTICS));
  const hint = nearest === undefined ? 'docs/diagnostics lists them.' : `Did you mean ${nearest}?`;
  throw new UsageError(`There is no diagnostic with the code ${code}. ${hint}`);
}

async function functionsOf(folder: string | undefined): Promise<Metastore['functions']> {
  if (folder === undefined) return undefined;
  const { problemText, UserFunctions } = await import('../functions/user-functions.ts');
  const functions = new UserFunctions(folder);
  for (const problem of functions.problems) process.stderr.write(`${problemText(functions.folder, problem)}\n`);
  functions.close();
  return functions.definitions;
}

function checkFiles(paths: readonly string[], options: CheckOptions, functions: Metastore['functions']): CheckedFile[] {
  const empty = functions === undefined ? EMPTY_METASTORE : { ...EMPTY_METASTORE, functions };
  let metastore = empty;
  return paths.map((file) => {
    const text = readScript(file);
    const parsed = parseScript(text, { dialect: options.dialect });
    const analysis = analyzeScript(parsed, metastore, {
      dialect: options.dialect,
      properties: new Map(Object.entries(options.property ?? {})),
      variables: new Map(),
      offline: true,
    });
    if (options.together) metastore = analysis.metastore;
    const diagnostics = analysis.diagnostics.toSorted((a, b) => a.range.start - b.range.start);
    return { file, text, statements: parsed.statements.length, diagnostics };
  });
}

function report(files: readonly CheckedFile[]) {
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
        })),
      };
    }),
  };
}

function describe({ file, text, diagnostics }: CheckedFile): string {
  const lines = new LineIndex(text);
  return diagnostics.map((diagnostic) => describeDiagnostic(file, lines, diagnostic)).join('');
}

/** `file:line:column: severity CODE: message`, then the source line with the place marked. */
export function describeDiagnostic(file: string, lines: LineIndex, diagnostic: Diagnostic): string {
  const { line, column } = lines.position(diagnostic.range.start);
  const colour = colourOf(diagnostic, styles(process.stdout));
  const { code, severity } = diagnostic;
  return `${file}:${line}:${column}: ${colour(severity)} ${code}: ${explain(diagnostic)}\n${markedSource(lines, diagnostic)}`;
}

/** The line that a diagnostic is about, its place marked below, and what would mend it. */
export function markedSource(lines: LineIndex, diagnostic: Diagnostic): string {
  const style = styles(process.stdout);
  const { line, column } = lines.position(diagnostic.range.start);
  const end = lines.position(diagnostic.range.end);
  const source = lines.line(line);
  const width = Math.max(1, (end.line === line ? end.column : source.length + 1) - column);
  // Tabs before the mark are kept, so that it stands under its place whatever the tab width is.
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const fixes = diagnostic.fixes.map((fix) => `${indent}${style.dim(`fix: ${fix.title}`)}\n`).join('');
  return `${source}\n${indent}${colourOf(diagnostic, style)('^'.repeat(width))}\n${fixes}`;
}

function colourOf({ severity }: Diagnostic, style: Style): (text: string) => string {
  return severity === 'error' ? style.red : severity === 'warning' ? style.yellow : style.blue;
}
