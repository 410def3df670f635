import path from 'node:path';
import { DIAGNOSTICS, isDiagnosticCode } from '../../language/diagnostics/diagnostic-codes.ts';
import { diagnosticPage } from '../../language/diagnostics/diagnostic-page.ts';
import type { Dialect } from '../../language/index.ts';
import { EMPTY_METASTORE } from '../../language/metastore/metastore.ts';
import { type ConfigProblem, PROJECT_CONFIG } from '../../language/project/project-config.ts';
import { SCHEMA_LOCK } from '../../language/project/schema-lock.ts';
import type { Workspace } from '../../language/project/workspace.ts';
import type { AnalysisSettings } from '../../language/query/statement-context.ts';
import { type Diagnostic, explain } from '../../language/text/diagnostic.ts';
import { closest } from '../../language/text/suggestions.ts';
import { EXIT, type ExitCode, UsageError } from '../script/exit-codes.ts';
import { LineIndex } from '../script/line-index.ts';
import { readTogether, readWorkspace, workspacePath } from '../script/project-files.ts';
import { findFiles } from '../script/script-files.ts';
import { loadedFunctions } from './engines/loaded-functions.ts';
import { type CheckedFile, githubAnnotations, jsonReport, sarifReport } from './printing/check-reports.ts';
import { type Style, styles } from './printing/style.ts';

export interface CheckOptions {
  readonly dialect: Dialect;
  readonly format: 'text' | 'json' | 'sarif' | 'github';
  readonly together?: boolean;
  readonly property?: Readonly<Record<string, string>>;
  /** Folders with functions of the user's own. */
  readonly functions?: readonly string[];
  /** The code whose page is printed, in place of a check. */
  readonly explain?: string;
}

/** `ksql check`: analyses files without any connection and prints what is wrong with them. */
export async function check(paths: readonly string[], options: CheckOptions): Promise<ExitCode> {
  if (options.explain !== undefined) {
    process.stdout.write(`${pageOf(options.explain)}\n`);
    return EXIT.done;
  }
  if (paths.length === 0) throw new UsageError('Name a file or a folder to check.');
  const files = await checkFiles(paths, options);
  process.stdout.write(printed(files, options.format));
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

/** Checks files in the projects that they belong to, so that what an editor says of them is said here, too. */
async function checkFiles(paths: readonly string[], options: CheckOptions): Promise<CheckedFile[]> {
  const found = findFiles(paths);
  const settings: AnalysisSettings = {
    offline: true,
    dialect: options.dialect,
    properties: new Map(Object.entries(options.property ?? {})),
    variables: new Map(),
  };
  const workspace = readWorkspace(paths, { ...settings, metastore: EMPTY_METASTORE });
  sayProblems(workspace);
  // Files that belong to no project may lie in the folder of one, too.
  for (const [home, config] of new Map(Array.from(workspace.projects, ({ home, config }) => [home, config]))) {
    const folders = (config.functions ?? []).map((folder) => path.resolve(home, folder));
    if (folders.length > 0) workspace.setFunctions(home, (await loadedFunctions(folders))?.definitions ?? new Map());
  }
  const functions = (await loadedFunctions(options.functions ?? []))?.definitions;
  const metastore = { ...EMPTY_METASTORE, functions };
  workspace.setSettings({ ...settings, metastore });
  const together = options.together
    ? readTogether(found, { metastore, settings, order: [], isDeclared: true, rules: new Map() })
    : undefined;
  return found.map((file) => {
    const own = workspacePath(file);
    const project = together ?? workspace.projectOf(own).project;
    const { parsed, diagnostics } = project.script(own)!;
    project.release(own);
    return { file, text: parsed.text, statements: parsed.statements.length, diagnostics };
  });
}

/** Says what is wrong with what declares the projects. */
function sayProblems(workspace: Workspace): void {
  const say = (file: string, problems: readonly ConfigProblem[]): void => {
    for (const { message } of problems) process.stderr.write(`${path.relative('', file)}: ${message}\n`);
  };
  for (const { root, problems } of workspace.configProblems()) say(root + PROJECT_CONFIG, problems);
  for (const [home, { problems }] of workspace.locks) say(home + SCHEMA_LOCK, problems);
}

function printed(files: readonly CheckedFile[], format: CheckOptions['format']): string {
  switch (format) {
    case 'text':
      return files.map(describe).join('');
    case 'json':
      return `${JSON.stringify(jsonReport(files))}\n`;
    case 'sarif':
      return `${JSON.stringify(sarifReport(files), null, 1)}\n`;
    case 'github':
      return files.map(githubAnnotations).join('');
    default:
      return format satisfies never;
  }
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
  return `${file}:${line}:${column}: ${colour(severity)} ${code}: ${explain(diagnostic)}\n${markedSource(lines, diagnostic)}${relatedText(diagnostic)}`;
}

/** The other files that a diagnostic has to do with. */
function relatedText({ related = [] }: Diagnostic): string {
  const others = related.flatMap(({ file, message }) =>
    file === undefined ? [] : [`${path.relative('', file)}: ${message}`],
  );
  return others.map((text) => `  ${text}\n`).join('');
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
