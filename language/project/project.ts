import { FUNCTIONS } from '../functions/catalogue.ts';
import { withoutIgnored } from '../hints/ignored.ts';
import { scriptHints } from '../hints/script-hints.ts';
import { UseCounts } from '../hints/use-counts.ts';
import { type DataSource, EMPTY_METASTORE, type Metastore } from '../metastore/metastore.ts';
import { placeholderSource } from '../metastore/placeholder-source.ts';
import type { ParsedScript } from '../parser/parse-script.ts';
import { variablesByName } from '../parser/substitute-variables.ts';
import type { AnalysisSettings } from '../query/statement-context.ts';
import { analyzeNext, analyzeScript, type ScriptAnalysis } from '../script/analyze-script.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { SqlType } from '../types/sql-type.ts';
import { type Cycle, type DefinitionPlace, definitionProblems } from './definition-problems.ts';
import { LazyMap } from './lazy-map.ts';
import type { RuleSeverity } from './project-config.ts';
import { type HeadKey, ProjectFile } from './project-file.ts';
import { samePlainData } from './same-plain-data.ts';
import type { StatementHead } from './statement-head.ts';
import { WordIndex } from './word-index.ts';

/** What the files of a project are read with. */
export interface ProjectSurroundings {
  /** What there is besides the files: on a connected server, and functions. */
  readonly metastore: Metastore;
  readonly settings: AnalysisSettings;
  /** Names of the files in the order of deployment; the others follow in that of their names. */
  readonly order: readonly string[];
  /** Whether somebody has said that these files belong together: then a doubled definition is an error. */
  readonly isDeclared: boolean;
  /** How grave diagnostics are, by their codes, where that is not left to them. */
  readonly rules: ReadonlyMap<string, RuleSeverity>;
  /** What the analysis of a statement threw, which it never should; absent, it passes through. */
  readonly onDefect?: ((path: string, error: unknown) => void) | undefined;
}

/** A file of a project, read. */
export interface ProjectScript {
  readonly parsed: ParsedScript;
  readonly analysis: ScriptAnalysis;
  /** What the file finds: the server's, and what other files make. */
  readonly base: Metastore;
  /** How it stands to the other files. */
  readonly problems: readonly Diagnostic[];
  /** Of syntax, of meaning, and of how it stands to the other files; in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

type Value = DataSource | SqlType;

/** What a file has looked up outside of itself. */
interface OutsideReads {
  readonly values: Map<HeadKey, Value | undefined>;
  /** Everything was looked at, so anything may have been of importance. */
  listed: boolean;
}

interface KnownScript {
  readonly file: ProjectFile;
  /** Undefined where it was let go. */
  readonly script: ProjectScript | undefined;
  readonly problems: ProjectScript['problems'];
  readonly reads: OutsideReads;
  readonly uses: UseCounts;
  /** Whether names of the file stand in others, as far as it was asked. */
  readonly elsewhere: ReadonlyMap<string, boolean>;
  readonly surroundings: ProjectSurroundings;
  /** The version, and how often files had changed, when this was last known to hold. */
  version: number;
  edits: number;
}

/** A statement while it is found out what it makes. */
interface UnderWay extends DefinitionPlace {
  readonly id: string;
}

/** So many statements may be under way, each for the sake of the one before, until those above are settled first. */
const DEEP = 50;

/**
 * A set of files of which each may use what the others make. What a name stands for is found out when a statement asks
 * for it, and kept as long as nothing it depends on changes: so a keystroke costs the statements that depend on it, and
 * a file that nobody looks at costs no more than finding its statements.
 */
export class Project {
  readonly #files = new Map<string, ProjectFile>();
  readonly #makers = new Map<HeadKey, Set<ProjectFile>>();
  /** The same, in order, of those that were asked for. */
  readonly #sortedMakers = new Map<HeadKey, readonly ProjectFile[]>();
  #ranks: ReadonlyMap<ProjectFile, number> | undefined;
  #surroundings: ProjectSurroundings;
  #sorted: readonly ProjectFile[] | undefined;
  #base: Metastore | undefined;
  #names: Record<StatementHead['kind'], ReadonlySet<string>> | undefined;
  /** Goes up whenever something changes that other files may see. */
  #version = 0;
  /** Goes up with each change of a file. */
  #edits = 0;
  /** What statements make, by file and index; of this version. */
  readonly #made = new Map<string, Value | undefined>();
  /** What they made before, so that what has stayed the same is the same object. */
  readonly #before = new Map<string, Value>();
  readonly #words = new WordIndex();
  readonly #underWay: UnderWay[] = [];
  readonly #cycles = new Map<string, Cycle>();
  readonly #scripts = new Map<string, KnownScript>();

  constructor(surroundings: ProjectSurroundings) {
    this.#surroundings = surroundings;
  }

  get surroundings(): ProjectSurroundings {
    return this.#surroundings;
  }

  /** Takes over what is there besides the files. */
  setSurroundings(surroundings: ProjectSurroundings): void {
    if (surroundings.settings.dialect !== this.#surroundings.settings.dialect)
      for (const file of this.#files.values()) file.forget();
    this.#surroundings = surroundings;
    this.#sorted = undefined;
    this.#ranks = undefined;
    this.#sortedMakers.clear();
    this.#changed();
  }

  /** Goes up whenever the meaning of a file may have changed through another one, or through the surroundings. */
  get version(): number {
    return this.#version;
  }

  /** The files, in the order of deployment where that is given, else of their names. */
  get files(): readonly ProjectFile[] {
    this.#sorted ??= sortedFiles(this.#files, this.#surroundings.order);
    return this.#sorted;
  }

  file(path: string): ProjectFile | undefined {
    return this.#files.get(path);
  }

  /** Adds a file, or takes over its new text. */
  setFile(path: string, text: string): void {
    const before = this.#files.get(path);
    if (before?.text === text) return;
    const file = new ProjectFile(path, text, before);
    this.#files.set(path, file);
    // Another text changes no order, but the file is another object.
    this.#sorted = before && this.#sorted?.map((each) => (each === before ? file : each));
    this.#replace(before, file);
  }

  removeFile(path: string): void {
    const before = this.#files.get(path);
    if (before === undefined) return;
    this.#files.delete(path);
    this.#scripts.delete(path);
    this.#sorted = undefined;
    this.#replace(before, undefined);
  }

  /** A file with all that is known of it; undefined for one that is not of the project. */
  script(path: string): ProjectScript | undefined {
    const file = this.#files.get(path);
    if (file === undefined) return undefined;
    const known = this.#scripts.get(path);
    if (known?.script !== undefined && known.file === file && this.#isCurrent(known)) return known.script;
    const read = this.#read(file);
    this.#scripts.set(path, read);
    return read.script;
  }

  /** Whether a file would be read now as it was when it was read last. */
  isCurrent(path: string): boolean {
    const known = this.#scripts.get(path);
    return known !== undefined && known.file === this.#files.get(path) && this.#isCurrent(known);
  }

  /** Lets go of what is known of a file that nobody looks at, but for what it depends on. */
  release(path: string): void {
    this.#files.get(path)?.release();
    const known = this.#scripts.get(path);
    if (known !== undefined) this.#scripts.set(path, { ...known, script: undefined, uses: new UseCounts() });
  }

  /** Whether what a file has found outside of itself is still the same. */
  #isCurrent(known: KnownScript): boolean {
    const { file, reads, elsewhere, surroundings, problems } = known;
    if (surroundings !== this.#surroundings) return false;
    if (known.edits === this.#edits) return true;
    if (known.version !== this.#version) {
      if (reads.listed) return false;
      for (const [key, value] of reads.values) if (this.#outside(key, file) !== value) return false;
    }
    if (!samePlainData(this.#problemsOf(file), problems)) return false;
    for (const [name, isThere] of elsewhere) if (this.#words.isElsewhere(name, file) !== isThere) return false;
    Object.assign(known, this.#now());
    return true;
  }

  #now(): Pick<KnownScript, 'version' | 'edits'> {
    return { version: this.#version, edits: this.#edits };
  }

  /** The files that make what has the key: the one that counts first, those that only replace it last. */
  makersOf(key: HeadKey): readonly ProjectFile[] {
    const known = this.#sortedMakers.get(key);
    if (known !== undefined) return known;
    const makers = [...(this.#makers.get(key) ?? [])];
    const rank = (file: ProjectFile) => this.#rankOf(file) + (file.onlyReplaces(key) ? this.#files.size : 0);
    if (makers.length > 1) makers.sort((a, b) => rank(a) - rank(b));
    this.#sortedMakers.set(key, makers);
    return makers;
  }

  #rankOf(file: ProjectFile): number {
    this.#ranks ??= new Map(this.files.map((each, i) => [each, i]));
    return this.#ranks.get(file) ?? 0;
  }

  #read(file: ProjectFile): KnownScript {
    const { settings, metastore, rules } = this.#surroundings;
    const parsed = file.script(settings);
    const reads: OutsideReads = { values: new Map(), listed: false };
    // Each test has an engine of its own, on which nothing is yet.
    const base = file.isTest ? withoutAnything(metastore) : this.#viewAt(file, -1, reads);
    const analysis = analyzeScript(parsed, base, this.#reporting(settings, file));
    const problems = this.#problemsOf(file);
    const functions = { has: (name: string) => metastore.functions?.has(name) === true || FUNCTIONS.has(name) };
    const elsewhere = new Map<string, boolean>();
    const isNamedElsewhere = (name: string) => {
      const isThere = this.#words.isElsewhere(name, file);
      elsewhere.set(name, isThere);
      return isThere;
    };
    const uses = this.#scripts.get(file.path)?.uses ?? new UseCounts();
    const hints = scriptHints(parsed, analysis, { functions, isNamedElsewhere, uses });
    const all = inOrder([...parsed.diagnostics, ...analysis.diagnostics, ...problems, ...hints]);
    const diagnostics = withRules(withoutIgnored(parsed, all), rules);
    const script = { parsed, analysis, base, problems, diagnostics };
    return { file, reads, uses, elsewhere, problems, surroundings: this.#surroundings, ...this.#now(), script };
  }

  #problemsOf(file: ProjectFile): readonly Diagnostic[] {
    if (file.isTest) return [];
    const { isDeclared } = this.#surroundings;
    return definitionProblems(file, this, { cycles: this.#cycles.values(), isDeclared });
  }

  #reporting(settings: AnalysisSettings, { path }: ProjectFile): AnalysisSettings {
    const { onDefect } = this.#surroundings;
    return onDefect === undefined ? settings : { ...settings, onDefect: (error) => onDefect(path, error) };
  }

  #replace(before: ProjectFile | undefined, after: ProjectFile | undefined): void {
    this.#edits++;
    this.#words.replace(before, after);
    const keys = new Set([...(before?.heads.keys() ?? []), ...(after?.heads.keys() ?? [])]);
    this.#ranks = undefined;
    if (before === undefined || after === undefined) this.#sortedMakers.clear();
    let changed = before?.sessionText !== after?.sessionText || before?.isTest !== after?.isTest;
    for (const key of keys) {
      this.#sortedMakers.delete(key);
      if (before !== undefined) this.#makers.get(key)?.delete(before);
      if (after?.makes(key)) {
        const makers = this.#makers.get(key);
        if (makers === undefined) this.#makers.set(key, new Set([after]));
        else makers.add(after);
      }
      changed ||= before === undefined || after === undefined || !before.isAlike(after, key);
    }
    if (changed) this.#changed();
  }

  #changed(): void {
    this.#version++;
    this.#base = undefined;
    this.#names = undefined;
    this.#made.clear();
    this.#cycles.clear();
  }

  /**
   * What statements of a file find behind one of its statements; at -1, what the file finds, without what it makes
   * itself.
   */
  #viewAt(file: ProjectFile, index: number, reads?: OutsideReads): Metastore {
    const find = (kind: StatementHead['kind'], name: string) => {
      const key: HeadKey = `${kind} ${name}`;
      const value = this.#at(file, index, key);
      reads?.values.set(key, value);
      return value;
    };
    const names = (kind: StatementHead['kind']) => {
      if (reads !== undefined) reads.listed = true;
      return this.#knownNames()[kind];
    };
    return {
      ...this.#serversOwn(),
      sources: new LazyMap(
        (name) => find('source', name) as DataSource | undefined,
        () => names('source'),
      ),
      types: new LazyMap(
        (name) => find('type', name) as SqlType | undefined,
        () => names('type'),
      ),
    };
  }

  /**
   * What a key stands for before a statement of a file: what the statements above have made of it, or else what there
   * is outside.
   */
  #at(file: ProjectFile, index: number, key: HeadKey): Value | undefined {
    const head = file.heads.get(key)?.findLast((each) => each.index < index);
    return head === undefined ? this.#outside(key, file) : this.#after(file, head);
  }

  /** What a key stands for outside of a file that does not make it itself. */
  #outside(key: HeadKey, file: ProjectFile): Value | undefined {
    const [maker] = this.makersOf(key);
    if (maker === file || (file.makes(key) && !file.onlyReplaces(key))) return undefined;
    if (maker !== undefined) return this.#at(maker, Number.POSITIVE_INFINITY, key);
    const { sources, types } = this.#serversOwn();
    const name = key.slice(key.indexOf(' ') + 1);
    return key.startsWith('source ') ? sources.get(name) : types.get(name);
  }

  /** What a statement leaves under the name that it makes or changes. */
  #after(file: ProjectFile, head: StatementHead): Value | undefined {
    const id = `${head.index} ${file.path}`;
    if (this.#made.has(id)) return this.#made.get(id);
    const known = this.#underWay.findIndex((each) => each.id === id);
    if (known >= 0) {
      this.#addCycle(this.#underWay.slice(known));
      return head.kind === 'source' ? placeholderSource(head.name) : undefined;
    }
    this.#underWay.push({ id, file, head });
    if (this.#underWay.length === DEEP) this.#settleAbove(file, head);
    try {
      const value = this.#settled(id, this.#find(file, head));
      this.#made.set(id, value);
      return value;
    } finally {
      this.#underWay.pop();
    }
  }

  /**
   * Finds out what all statements above one leave, from the first on, so that a long chain of them needs no deep stack.
   */
  #settleAbove(file: ProjectFile, { index }: StatementHead): void {
    const above = [...file.heads.values()].flat().filter((head) => head.index < index);
    for (const head of above.sort((a, b) => a.index - b.index)) this.#after(file, head);
  }

  #find(file: ProjectFile, { index, kind, name }: StatementHead): Value | undefined {
    const { settings } = this.#surroundings;
    const statement = file.statement(index, settings);
    const session = this.#reporting(this.#sessionAt(file, index), file);
    const { metastore } = analyzeNext(statement, this.#viewAt(file, index), session, settings);
    return kind === 'source' ? metastore.sources.get(name) : metastore.types.get(name);
  }

  /** The session before a statement: SET and DEFINE hold for the statements of their file. */
  #sessionAt(file: ProjectFile, index: number): AnalysisSettings {
    const { settings, metastore } = this.#surroundings;
    let session: AnalysisSettings = { ...settings, variables: variablesByName(settings.variables) };
    for (const each of file.sessionChanges) {
      if (each >= index) break;
      session = analyzeNext(file.statement(each, settings), metastore, session, settings).session;
    }
    return session;
  }

  #settled(id: string, value: Value | undefined): Value | undefined {
    const before = this.#before.get(id);
    if (before !== undefined && value !== undefined && samePlainData(before, value)) return before;
    if (value === undefined) this.#before.delete(id);
    else this.#before.set(id, value);
    return value;
  }

  #addCycle(members: readonly UnderWay[]): void {
    const id = members
      .map((each) => each.id)
      .sort()
      .join('|');
    this.#cycles.set(id, members);
  }

  /**
   * What a server has without what the files make: a script that has been run must not turn red because what it makes
   * is there now.
   */
  #serversOwn(): Metastore {
    if (this.#base !== undefined) return this.#base;
    const { metastore } = this.#surroundings;
    const made = (kind: StatementHead['kind'], name: string) => (this.#makers.get(`${kind} ${name}`)?.size ?? 0) > 0;
    const { sources, types, queries } = metastore;
    this.#base = {
      ...metastore,
      sources: new Map([...sources].filter(([name]) => !made('source', name))),
      madeByFiles: { has: (name) => made('source', name) },
      asRun: new Map([...sources].filter(([name]) => made('source', name))),
      types: new Map([...types].filter(([name]) => !made('type', name))),
      queries: new Map([...queries].filter(([, { sink }]) => !made('source', sink))),
    };
    return this.#base;
  }

  #knownNames(): Record<StatementHead['kind'], ReadonlySet<string>> {
    if (this.#names !== undefined) return this.#names;
    const { sources, types } = this.#serversOwn();
    const source = new Set(sources.keys());
    const type = new Set(types.keys());
    for (const [key, makers] of this.#makers) {
      if (makers.size === 0) continue;
      if (key.startsWith('source ')) source.add(key.slice('source '.length));
      else type.add(key.slice('type '.length));
    }
    this.#names = { source, type };
    return this.#names;
  }
}

const withoutAnything = ({ functions }: Metastore): Metastore =>
  functions === undefined ? EMPTY_METASTORE : { ...EMPTY_METASTORE, functions };

function sortedFiles(files: ReadonlyMap<string, ProjectFile>, order: readonly string[]): readonly ProjectFile[] {
  const rank = new Map(order.map((path, i) => [path, i]));
  const rankOf = ({ path }: ProjectFile) => rank.get(path) ?? order.length;
  return [...files.values()].sort((a, b) => rankOf(a) - rankOf(b) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function withRules(diagnostics: readonly Diagnostic[], rules: ProjectSurroundings['rules']): readonly Diagnostic[] {
  if (rules.size === 0) return diagnostics;
  return diagnostics.flatMap((diagnostic) => {
    const severity = rules.get(diagnostic.code) ?? diagnostic.severity;
    return severity === 'off' ? [] : [{ ...diagnostic, severity }];
  });
}

/** By place, each once: the analysis repeats what the parser has found. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const key = ({ code, range, message }: Diagnostic) => `${range.start}-${range.end} ${code} ${message}`;
  const distinct = new Map(diagnostics.map((each) => [key(each), each]));
  return [...distinct.values()].sort((a, b) => a.range.start - b.range.start);
}
