import type { FunctionDeclaration } from '../language/functions/declared.ts';
import type { Dialect, FormatStyle } from '../language/index.ts';
import type { MetastoreSnapshot } from '../language/metastore/metastore-snapshot.ts';
import type { AnswerKey } from '../language/script/answer-key.ts';

/** What a client may send with `initialize`; an editor that sends nothing gets the defaults. */
export interface InitializationOptions {
  readonly dialect?: Dialect;
  /** The client answers `ksql/figures`. */
  readonly figures?: boolean;
  /** How the client names what it is connected to, for the lens at the top of a file. */
  readonly engine?: string;
  /** Where the page of a diagnostic's code is found, with `{code}` for the code; absent: a file beside the server. */
  readonly diagnosticPage?: string;
  /** Where a schema of the registry is shown, with `{subject}` for its subject; absent: nowhere. */
  readonly subjectPage?: string;
  /**
   * The client answers `ksql/listFiles` and `ksql/readFile`: for servers without a file system, and files that are not
   * on a disk.
   */
  readonly readsFiles?: boolean;
  /** Functions in the folders that a `ksql.json` names may be loaded, as they may where the workspace is trusted. */
  readonly loadsFunctions?: boolean;
  /** The client shows problems when it is told of them, though it could ask for them, too. */
  readonly pushDiagnostics?: boolean;
  /** Which hints are shown between the words of statements; all, unless they are turned off. */
  readonly inlayHints?: Partial<InlayHintKinds>;
  /** The client has the command `ksql.createForTopic`. */
  readonly createsForTopics?: boolean;
  /** How scripts are formatted. */
  readonly format?: Partial<FormatStyle>;
}

/** Hints that can be turned off. */
export interface InlayHintKinds {
  /** Types of selected columns, and names that nobody has given. */
  readonly columns: boolean;
  readonly key: boolean;
  /** Where rows go through an internal topic. */
  readonly topics: boolean;
  /** Properties and times that hold because nothing else is said. */
  readonly defaults: boolean;
  /** Types that operands are brought to without a CAST. */
  readonly casts: boolean;
}

/** What is connected now. Without a snapshot nothing is. */
export interface ConnectedParams {
  readonly engine: string;
  readonly snapshot?: MetastoreSnapshot | undefined;
}

/** A SELECT, and all that its answer's key depends on, so that nothing of it is out of date. */
export interface AnswerKeyParams {
  readonly sql: string;
  readonly snapshot: MetastoreSnapshot;
  readonly dialect: Dialect;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, string>>;
}

/** What the `ksql.json` of a project says that each session begins with. */
export interface ProjectSession {
  readonly properties: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

export interface NeedsParams {
  readonly uri: string;
  /** The statement. */
  readonly text: string;
}

/** A statement that has to run first. */
export interface NeededStatement {
  readonly uri: string;
  /** Offset of its first character in its document. */
  readonly start: number;
  readonly text: string;
  /** The source or type that it makes. */
  readonly name: string;
}

/** A source, or a query whose answer nobody keeps. */
export interface LineageNode {
  readonly id: string;
  readonly name: string;
  /** `unknown`: neither a file of the project nor the connected server makes it. */
  readonly kind: 'STREAM' | 'TABLE' | 'QUERY' | 'unknown';
  readonly columns: readonly string[];
  /** Where it is made; absent for what only a server has. */
  readonly uri?: string;
  readonly range?: Range;
}

/** A statement that reads one node and writes another. */
export interface LineageEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'create-as' | 'insert' | 'query';
  /** Which columns are computed from which. */
  readonly columns: readonly { readonly from: string; readonly to: string }[];
  readonly uri: string;
  readonly range: Range;
}

/** What flows where in a project. */
export interface Lineage {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
}

interface Range {
  readonly start: LinePlace;
  readonly end: LinePlace;
}

interface LinePlace {
  readonly line: number;
  readonly character: number;
}

/** The requests of our own that a client sends: what goes with them, and their answers. */
export interface RequestsToServer {
  /** Which columns of a SELECT's answer are its key? Null: none, or it cannot be told. */
  'ksql/answerKey': { readonly params: AnswerKeyParams; readonly result: AnswerKey | null };
  /** What do the sessions of a document's project begin with? */
  'ksql/projectSession': { readonly params: { readonly uri: string }; readonly result: ProjectSession };
  /** The CREATE of a stream over a topic with such JSON records; null where they have no fields. */
  'ksql/createFor': {
    readonly params: { readonly topic: string; readonly records: readonly string[] };
    readonly result: string | null;
  };
  /** Which statements make what this one names, and the connected server does not have? In the order to run them. */
  'ksql/needs': { readonly params: NeedsParams; readonly result: readonly NeededStatement[] };
}

/** The notifications of our own that a client sends. */
export interface NotificationsToServer {
  'ksql/connected': ConnectedParams;
  'ksql/functions': { readonly declarations: readonly FunctionDeclaration[] };
  'ksql/format': Partial<FormatStyle>;
  'ksql/dialect': { readonly dialect: Dialect };
  'ksql/inlayHints': Partial<InlayHintKinds>;
}

/** The requests of our own that the server sends. */
export interface RequestsToClient {
  /**
   * The URIs of the `.ksql`, `.ksqlnb`, `.sql`, `ksql.json` and `ksql.lock.json` files below a folder; asked of clients
   * that said they read files.
   */
  'ksql/listFiles': { readonly params: { readonly folder: string }; readonly result: readonly string[] };
  /** The text of a file; null where it cannot be read. */
  'ksql/readFile': { readonly params: { readonly uri: string }; readonly result: string | null };
  /** What a connected engine knows of a source right now, as Markdown; null where nothing does. */
  'ksql/figures': { readonly params: { readonly source: string }; readonly result: string | null };
}
