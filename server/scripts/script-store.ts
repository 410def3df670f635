import { TextDocument } from 'vscode-languageserver-textdocument';
import { FUNCTIONS } from '../../language/functions/catalogue.ts';
import { declaredFunctions, type FunctionDeclaration } from '../../language/functions/declared.ts';
import type { FunctionDefinition } from '../../language/functions/function.ts';
import {
  analyzeScript,
  type Dialect,
  type ParsedScript,
  type ParsedStatement,
  parseScript,
  type ScriptAnalysis,
} from '../../language/index.ts';
import { EMPTY_METASTORE, type Metastore } from '../../language/metastore/metastore.ts';
import { type MetastoreSnapshot, readSnapshot } from '../../language/metastore/metastore-snapshot.ts';
import type { ProjectScript } from '../../language/project/project.ts';
import { type RootedProject, Workspace, type WorkspaceSettings } from '../../language/project/workspace.ts';
import type { Diagnostic } from '../../language/text/diagnostic.ts';
import type { TextRange } from '../../language/text/text-range.ts';

/** A document with what the language makes of it. */
export interface Script {
  readonly document: TextDocument;
  readonly parsed: ParsedScript;
  readonly analysis: ScriptAnalysis;
  /** Of syntax, of meaning, and of how the file stands to the other files of its project. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the connected server and the other files of the project have, without what the script makes itself. */
  readonly base: Metastore;
  /** Topics of the connected server, or of the lock that stands for it. */
  readonly topics: Metastore['topics'] | undefined;
  /** What else the connected server knows by name. */
  readonly server: ServerNames;
  /** The functions that can be called: the built-in ones and the user's own. */
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  /** Where it stands among other files. */
  readonly files: ScriptFiles;
}

/** The files of the workspace, by their URIs. */
export interface ScriptFiles {
  find(uri: string): Script | undefined;
  projectOf(uri: string): RootedProject;
}

/** Names that only completion asks for. */
export interface ServerNames {
  /** Of the schema registry. */
  readonly subjects: readonly string[];
  /** The newest schema of each subject. */
  readonly schemas: NonNullable<NonNullable<MetastoreSnapshot['names']>['schemas']>;
  readonly connectors: readonly string[];
  /** The classes of connectors that can be made. */
  readonly connectorClasses: readonly string[];
  /** The persistent queries that run, also those that make what the script makes. */
  readonly queries: Metastore['queries'];
}

const NO_NAMES: ServerNames = { subjects: [], schemas: [], connectors: [], connectorClasses: [], queries: new Map() };

/** What the server was told about the world besides the documents. */
export interface Surroundings {
  dialect: Dialect;
  /** Undefined while no engine or server is connected. */
  snapshot: Metastore | undefined;
  /** The same as it was told, to compare locks with. */
  told: MetastoreSnapshot | undefined;
  names: ServerNames;
  /** Functions of the user's own, by upper-case name. */
  ownFunctions: ReadonlyMap<string, FunctionDefinition>;
  /** How the client names what is connected, for the lens at the top of a file. */
  engine: string;
}

/** The files of the workspace with their analyses, kept until something changes that these depend on. */
export class ScriptStore implements ScriptFiles {
  readonly surroundings: Surroundings = {
    dialect: 'latest',
    snapshot: undefined,
    told: undefined,
    names: NO_NAMES,
    ownFunctions: new Map(),
    engine: 'embedded engine',
  };
  readonly workspace: Workspace;
  readonly #scripts = new WeakMap<ProjectScript, Script>();
  readonly #open = new Set<string>();
  /** Files that are not open, by when they were looked at, and how long they are. */
  readonly #kept = new Map<string, number>();
  #keptCharacters = 0;
  readonly #onDefect: ((uri: string, error: unknown) => void) | undefined;
  /** The built-in functions with those that the files of a project can call besides. */
  readonly #functions = new WeakMap<object, ReadonlyMap<string, FunctionDefinition>>();

  /**
   * @param onDefect hears what the analysis of a statement threw, which is then without a meaning; absent, it passes
   * through
   */
  constructor(onDefect?: (uri: string, error: unknown) => void) {
    this.#onDefect = onDefect;
    this.workspace = new Workspace(this.#settings());
  }

  /** The analysis of a document's present text. */
  get(document: TextDocument): Script {
    const text = document.getText();
    if (text.length > MOST_CHARACTERS) return this.#unread(document);
    this.take(document);
    return this.#of(document);
  }

  /** Takes over the present text of a document, which other files may depend on. */
  take(document: TextDocument): void {
    this.#open.add(document.uri);
    const text = document.getText();
    if (text.length <= MOST_CHARACTERS) this.workspace.setFile(document.uri, text);
    else this.workspace.removeFile(document.uri);
  }

  /** The analysis of a file of the workspace that need not be open. */
  find(uri: string): Script | undefined {
    const read = this.workspace.has(uri) ? this.projectOf(uri).project.script(uri) : undefined;
    if (read === undefined) return undefined;
    if (!this.#open.has(uri)) this.#keep(uri, read);
    return this.#scripts.get(read) ?? this.#with(TextDocument.create(uri, 'ksql', 0, read.parsed.text), read);
  }

  /** Takes over that a document is not open any more. */
  close(uri: string): void {
    this.#open.delete(uri);
  }

  /** Lets go of the files that were looked at longest ago, once much is known of many. */
  #keep(uri: string, { parsed: { text } }: ProjectScript): void {
    this.#keptCharacters += text.length - (this.#kept.get(uri) ?? 0);
    this.#kept.delete(uri);
    this.#kept.set(uri, text.length);
    for (const [oldest, length] of this.#kept) {
      if (this.#keptCharacters <= MOST_KEPT_CHARACTERS || oldest === uri) break;
      this.#kept.delete(oldest);
      this.#keptCharacters -= length;
      if (!this.#open.has(oldest) && this.workspace.has(oldest)) this.projectOf(oldest).project.release(oldest);
    }
  }

  projectOf(uri: string): RootedProject {
    return this.workspace.projectOf(uri);
  }

  /** Takes over what the connected server has; undefined when nothing is connected any more. */
  setSnapshot(snapshot: MetastoreSnapshot | undefined): void {
    this.surroundings.told = snapshot;
    this.surroundings.snapshot = snapshot === undefined ? undefined : readSnapshot(snapshot);
    const { queries } = this.surroundings.snapshot ?? EMPTY_METASTORE;
    this.surroundings.names = { ...NO_NAMES, ...snapshot?.names, queries };
    this.workspace.setSettings(this.#settings());
  }

  /** Takes over the functions that the user has declared. */
  setFunctions(declarations: readonly FunctionDeclaration[]): void {
    this.surroundings.ownFunctions = declaredFunctions(declarations);
    this.workspace.setSettings(this.#settings());
  }

  setDialect(dialect: Dialect): void {
    this.surroundings.dialect = dialect;
    this.workspace.setSettings(this.#settings());
  }

  #settings(): WorkspaceSettings {
    const { dialect, snapshot, ownFunctions } = this.surroundings;
    const { functions: served, ...known } = snapshot ?? EMPTY_METASTORE;
    const functions = served === undefined || served.size === 0 ? ownFunctions : new Map([...served, ...ownFunctions]);
    return {
      metastore: { ...known, functions },
      offline: snapshot === undefined,
      dialect,
      properties: new Map(),
      variables: new Map(),
      onStatementDefect: this.#onDefect,
    };
  }

  #of(document: TextDocument): Script {
    const read = this.projectOf(document.uri).project.script(document.uri)!;
    const known = this.#scripts.get(read);
    return known?.document === document ? known : this.#with(document, read);
  }

  #with(document: TextDocument, read: ProjectScript): Script {
    const script: Script = {
      document,
      ...read,
      topics: this.#topicsFor(document.uri),
      server: this.surroundings.names,
      functions: this.#callable(read.base.functions),
      files: this,
    };
    this.#scripts.set(read, script);
    return script;
  }

  #topicsFor(uri: string): Metastore['topics'] {
    const { snapshot } = this.surroundings;
    const { workspace } = this;
    return snapshot === undefined
      ? workspace.locks.get(workspace.projectOf(uri).home)?.metastore?.topics
      : snapshot.topics;
  }

  #callable(own: Metastore['functions']): ReadonlyMap<string, FunctionDefinition> {
    if (own === undefined || own.size === 0) return FUNCTIONS;
    const known = this.#functions.get(own) ?? new Map([...FUNCTIONS, ...own]);
    this.#functions.set(own, known);
    return known;
  }

  /** What stands for a document that is too long, with a word about it at its beginning. */
  #unread(document: TextDocument): Script {
    const { metastore, dialect, properties, variables } = this.workspace.settings;
    const message =
      `This file has more than ${MOST_CHARACTERS.toLocaleString('en')} characters: it is coloured, but not checked or ` +
      'completed here. `ksql check` checks files of any length; several files are checked each by itself.';
    const text = document.getText();
    const range = { start: 0, end: /^.*/.exec(text)![0].length };
    const code = 'file-too-long';
    const parsed = { ...parseScript('', { dialect }), text };
    return {
      document,
      parsed,
      analysis: analyzeScript(parsed, metastore, { dialect, properties, variables }),
      diagnostics: [{ code, severity: 'information', message, range, statement: 0, fixes: [] }],
      base: metastore,
      topics: this.surroundings.snapshot?.topics,
      server: this.surroundings.names,
      functions: this.#callable(metastore.functions),
      files: this,
    };
  }
}

/** A longer document is coloured and nothing else: a keystroke in it would take longer than the next one waits. */
const MOST_CHARACTERS = 2_000_000;

/**
 * Of the files that are not open, so many characters are known with all that they mean: more than 50,000 lines, at some
 * fifty bytes for each character.
 */
const MOST_KEPT_CHARACTERS = 3_000_000;

/** The statement around an offset, or undefined between statements. */
export function statementAt(script: Script, offset: number): ParsedStatement | undefined {
  return script.parsed.statements.find(({ range }) => range.start <= offset && offset <= range.end);
}

/** A range of offsets as lines and characters. */
export function toLspRange(document: TextDocument, range: TextRange) {
  return { start: document.positionAt(range.start), end: document.positionAt(range.end) };
}
