import type { Severity } from '../diagnostics/diagnostic-entry.ts';
import { CONFIG_PROPERTIES } from '../settings/property-table.ts';
import { closest } from '../text/suggestions.ts';
import { jsonPlaces } from './json-places.ts';

/** The name of the file that declares a project, at its root. */
export const PROJECT_CONFIG = 'ksql.json';

/** What `ksql.json` says. Paths are relative to its folder, with `/`. */
export interface ProjectConfig {
  /**
   * The files, or folders of files, of the project; `*`, `**` and `?` stand for other characters. Absent: all `.ksql`
   * files and notebooks.
   */
  readonly files?: readonly string[];
  /** Files in the order of their deployment; what is not named follows. */
  readonly order?: readonly string[];
  readonly dialect?: 'latest' | '2018';
  readonly variables?: Readonly<Record<string, string>>;
  /** Settings of each session, as SET gives them. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Folders with functions of the user's own. */
  readonly functions?: readonly string[];
  /** How grave diagnostics are, by their codes. */
  readonly rules?: Readonly<Record<string, RuleSeverity>>;
}

export type RuleSeverity = Severity | 'off';

const SEVERITIES: readonly string[] = ['error', 'warning', 'information', 'hint', 'off'] satisfies RuleSeverity[];

/** What is wrong with a `ksql.json`. */
export interface ConfigProblem {
  readonly message: string;
  /** Offset in the text; absent where the whole is wrong. */
  readonly offset?: number | undefined;
}

export interface ReadConfig {
  readonly text: string;
  readonly config: ProjectConfig;
  readonly problems: readonly ConfigProblem[];
}

type Check = (value: unknown) => string | undefined;

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((each) => typeof each === 'string');
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const texts: Check = (value) => (isTexts(value) ? undefined : 'is a list of texts');
const values: Check = (value) =>
  isRecord(value) && Object.values(value).every((each) => ['string', 'number', 'boolean'].includes(typeof each))
    ? undefined
    : 'is an object with a text, number or truth value for each name';
const properties: Check = (value) => {
  const problem = values(value);
  if (problem !== undefined) return problem;
  const known = CONFIG_PROPERTIES.map(({ name }) => name);
  const unknown = Object.keys(value as object).find((name) => name.startsWith('ksql.') && !known.includes(name));
  if (unknown === undefined || unknown.startsWith('ksql.functions.') || unknown === 'ksql.dialect') return undefined;
  const suggestion = closest(unknown, known);
  return `has ${unknown}, which is no setting${suggestion === undefined ? '' : `; did you mean ${suggestion}?`}`;
};
const rules: Check = (value) =>
  isRecord(value) && Object.values(value).every((each) => typeof each === 'string' && SEVERITIES.includes(each))
    ? undefined
    : `gives each code one of ${SEVERITIES.join(', ')}`;

const CHECKS: Readonly<Record<keyof ProjectConfig | '$schema', Check>> = {
  $schema: () => undefined,
  files: texts,
  order: texts,
  dialect: (value) => (value === 'latest' || value === '2018' ? undefined : 'is "latest" or "2018"'),
  variables: values,
  properties,
  functions: texts,
  rules,
};

/** Reads a `ksql.json`. What is wrong in it is left out, and told. It never throws. */
export function readProjectConfig(text: string): ReadConfig {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const message = (error as Error).message;
    const offset = /position (\d+)/.exec(message)?.[1];
    return { text, config: {}, problems: [{ message, offset: offset === undefined ? undefined : Number(offset) }] };
  }
  if (!isRecord(parsed))
    return { text, config: {}, problems: [{ message: `${PROJECT_CONFIG} holds one JSON object.` }] };
  const places = jsonPlaces(text);
  const problems: ConfigProblem[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(parsed)) {
    const offset = places.nearest([name])?.start;
    const check = CHECKS[name as keyof typeof CHECKS] as Check | undefined;
    const problem = check?.(value);
    if (check === undefined) {
      const suggestion = closest(name, Object.keys(CHECKS));
      const hint =
        suggestion === undefined ? `It can have ${Object.keys(CHECKS).join(', ')}.` : `Did you mean ${suggestion}?`;
      problems.push({ message: `A project has no "${name}". ${hint}`, offset });
    } else if (problem !== undefined) problems.push({ message: `"${name}" ${problem}.`, offset });
    else config[name] = name === 'variables' || name === 'properties' ? asTexts(value as object) : value;
  }
  return { text, config: config as ProjectConfig, problems };
}

const asTexts = (values: object): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

/**
 * A comment by which a `.sql` file says that it is KSQL, as editors read them: `-- ksql`, `-- vim: ft=ksql`, `-- -*-
 * mode: ksql -*-`.
 */
const MODELINE = /^\uFEFF?\s*--\s*(?:ksql\s*$|.*(?:\b(?:ft|filetype)\s*=\s*ksql\b|-\*-.*\bksql\b.*-\*-))/im;

/** Whether a file is one of a project's. Its path is relative to the project's root. */
export function isProjectFile(path: string, text: string, { files }: ProjectConfig): boolean {
  if (files === undefined) return isScript(path) || (path.endsWith('.sql') && saysKsql(text));
  return files.some((pattern) => matches(path, pattern.replace(/^\.\//, '').replace(/\/$/, '')));
}

/** Notebooks are scripts, byte for byte. */
const isScript = (path: string): boolean => /\.ksql(?:nb)?$/.test(path);

const saysKsql = (text: string): boolean => MODELINE.test(text.slice(0, text.indexOf('\n') + 1 || undefined));

function matches(path: string, pattern: string): boolean {
  if (path === pattern || pattern === '.' || pattern === '') return path === pattern || isScript(path);
  if (!/[*?]/.test(pattern)) return path.startsWith(`${pattern}/`) && isScript(path);
  const source = pattern.replaceAll(/\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : `\\${part}`;
  });
  return new RegExp(`^${source}$`).test(path);
}
