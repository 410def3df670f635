import type { TextDocument } from 'vscode-languageserver-textdocument';
import { FUNCTIONS } from '../../language/functions/catalogue.ts';
import { declaredFunction, type FunctionDeclaration, NO_BINDER } from '../../language/functions/declared.ts';
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
import type { TextRange } from '../../language/text/text-range.ts';
import { TypeSyntaxError } from '../../language/types/parse-type.ts';

/** A document with what the language makes of it. */
export interface Script {
  readonly document: TextDocument;
  readonly parsed: ParsedScript;
  readonly analysis: ScriptAnalysis;
  /** What the connected server has, without what the script makes itself. */
  readonly base: Metastore;
  /** Topics of the connected server. */
  readonly topics: Metastore['topics'] | undefined;
  /** What else the connected server knows by name. */
  readonly server: ServerNames;
  /** The functions that can be called: the built-in ones and the user's own. */
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
}

/** Names that only completion asks for. */
export interface ServerNames {
  /** Of the schema registry. */
  readonly subjects: readonly string[];
  readonly connectors: readonly string[];
  /** The classes of connectors that can be made. */
  readonly connectorClasses: readonly string[];
  /** The persistent queries that run, also those that make what the script makes. */
  readonly queries: Metastore['queries'];
}

const NO_NAMES: ServerNames = { subjects: [], connectors: [], connectorClasses: [], queries: new Map() };

/** What the server was told about the world besides the documents. */
export interface Surroundings {
  dialect: Dialect;
  /** Undefined while no engine or server is connected. */
  snapshot: Metastore | undefined;
  names: ServerNames;
  /** Functions of the user's own, by upper-case name. */
  ownFunctions: ReadonlyMap<string, FunctionDefinition>;
  /** How the client names what is connected, for the lens at the top of a file. */
  engine: string;
}

/** Keeps each open document's analysis until its text, the dialect or the connected server's sources change. */
export class ScriptStore {
  readonly surroundings: Surroundings = {
    dialect: 'latest',
    snapshot: undefined,
    names: NO_NAMES,
    ownFunctions: new Map(),
    engine: 'embedded engine',
  };
  readonly #scripts = new Map<string, Script>();
  readonly #onDefect: ((uri: string, error: unknown) => void) | undefined;

  /** @param onDefect hears what the analysis of a statement threw, which is then without a meaning; absent, it passes through */
  constructor(onDefect?: (uri: string, error: unknown) => void) {
    this.#onDefect = onDefect;
  }

  /** The analysis of a document's present text. */
  get(document: TextDocument): Script {
    const known = this.#scripts.get(document.uri);
    if (known !== undefined && known.document === document && known.parsed.text === document.getText()) return known;
    const script = this.#analyze(document);
    this.#scripts.set(document.uri, script);
    return script;
  }

  forget(uri: string): void {
    this.#scripts.delete(uri);
  }

  /** Takes over what the connected server has; undefined when nothing is connected any more. */
  setSnapshot(snapshot: MetastoreSnapshot | undefined): void {
    this.surroundings.snapshot = snapshot === undefined ? undefined : readSnapshot(snapshot);
    const { queries } = this.surroundings.snapshot ?? EMPTY_METASTORE;
    this.surroundings.names = { ...NO_NAMES, ...snapshot?.names, queries };
    this.#scripts.clear();
  }

  /** Takes over the functions that the user has declared. One with a type that is none is left out; whoever loads it says why. */
  setFunctions(declarations: readonly FunctionDeclaration[]): void {
    const own = new Map<string, FunctionDefinition>();
    for (const declaration of declarations) {
      try {
        own.set(declaration.name, declaredFunction(declaration, NO_BINDER));
      } catch (error) {
        if (!(error instanceof TypeSyntaxError)) throw error;
      }
    }
    this.surroundings.ownFunctions = own;
    this.#scripts.clear();
  }

  setDialect(dialect: Dialect): void {
    this.surroundings.dialect = dialect;
    this.#scripts.clear();
  }

  #analyze(document: TextDocument): Script {
    const { dialect, snapshot, ownFunctions, names } = this.surroundings;
    const onDefect = this.#onDefect;
    const text = document.getText();
    const parsed = text.length > MOST_CHARACTERS ? unread(text, dialect) : readScript(text, dialect);
    // Topics may come to be by statements above, such as connectors, or by other programs: none is known to be missing.
    const { topics, ...known } = snapshot ?? EMPTY_METASTORE;
    const base = withoutOwn({ ...known, functions: ownFunctions }, parsed);
    const functions = new Map([...FUNCTIONS, ...ownFunctions]);
    const settings = {
      dialect,
      properties: new Map<string, string>(),
      variables: new Map<string, string>(),
      offline: snapshot === undefined,
      ...(onDefect === undefined ? {} : { onDefect: (error: unknown) => onDefect(document.uri, error) }),
    };
    return {
      document,
      parsed,
      base,
      topics,
      server: names,
      functions,
      analysis: analyzeScript(parsed, base, settings),
    };
  }
}

/** A longer document is coloured and nothing else: a keystroke in it would take longer than the next one waits. */
const MOST_CHARACTERS = 2_000_000;

const readScript = (text: string, dialect: Dialect): ParsedScript =>
  parseScript(text, { dialect, testStatements: isTestScript(text) });

/** What stands for a document that is too long, with a word about it at its beginning. */
function unread(text: string, dialect: Dialect): ParsedScript {
  const message =
    `This file has more than ${MOST_CHARACTERS.toLocaleString('en')} characters: it is coloured, but not checked or ` +
    'completed here. `ksql check` checks files of any length; several files are checked each by itself.';
  const range = { start: 0, end: /^.*/.exec(text)![0].length };
  const diagnostic = {
    code: 'file-too-long',
    severity: 'information',
    message,
    range,
    statement: 0,
    fixes: [],
  } as const;
  return { ...parseScript('', { dialect }), text, diagnostics: [diagnostic] };
}

/** Scripts in the test dialect say so with `--@test: name`. */
const isTestScript = (text: string): boolean => /^--@test\b/m.test(text);

/**
 * The server's sources without those that the script creates: a script that has been run must not turn red because what it
 * creates is there now.
 */
function withoutOwn(metastore: Metastore, parsed: ParsedScript): Metastore {
  const own = new Set<string>();
  const ownTypes = new Set<string>();
  for (const { node } of parsed.statements) {
    if (node?.$type === 'CreateSource' || node?.$type === 'CreateAs') own.add(node.name);
    if (node?.$type === 'CreateType') ownTypes.add(node.name.toUpperCase());
  }
  if (own.size === 0 && ownTypes.size === 0) return metastore;
  return {
    ...metastore,
    sources: new Map([...metastore.sources].filter(([name]) => !own.has(name))),
    asRun: new Map([...metastore.sources].filter(([name]) => own.has(name))),
    types: new Map([...metastore.types].filter(([name]) => !ownTypes.has(name))),
    queries: new Map([...metastore.queries].filter(([, query]) => !own.has(query.sink))),
  };
}

/** The statement around an offset, or undefined between statements. */
export function statementAt(script: Script, offset: number): ParsedStatement | undefined {
  return script.parsed.statements.find(({ range }) => range.start <= offset && offset <= range.end);
}

/** A range of offsets as lines and characters. */
export function toLspRange(document: TextDocument, range: TextRange) {
  return { start: document.positionAt(range.start), end: document.positionAt(range.end) };
}
