import { declaredFunctions, type FunctionDeclaration } from '../functions/declared.ts';
import { parseType } from '../types/parse-type.ts';
import type { Column, ColumnNamespace } from '../types/schema.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { DataSource, FormatName, Metastore, QueryInfo, SourceKind, TopicInfo, WindowType } from './metastore.ts';

/**
 * A connected server's streams, tables, types, queries and topics as plain data, so that it can be sent to another
 * process.
 */
export interface MetastoreSnapshot {
  readonly sources: readonly SnapshotSource[];
  /** Names with their types as SQL text. */
  readonly types: Readonly<Record<string, string>>;
  readonly queries: readonly Omit<QueryInfo, 'kind'>[];
  /** Absent when the server did not say which topics there are. */
  readonly topics?: readonly TopicInfo[] | undefined;
  /** The ids of Kafka's cluster and of ksqlDB's, parted by a `/`: whether two snapshots are of the same server. */
  readonly cluster?: string | undefined;
  /** The functions that the server has besides those of ksqlDB; absent where nobody has asked for them. */
  readonly functions?: readonly FunctionDeclaration[] | undefined;
  /** What only an editor asks for: subjects of the registry, connectors and the classes that they can be of. */
  readonly names?: {
    readonly subjects?: readonly string[];
    /** The newest schema of each subject, as far as they were asked for. */
    readonly schemas?: readonly { readonly subject: string; readonly id: number; readonly format: string }[];
    readonly connectors?: readonly string[];
    readonly connectorClasses?: readonly string[];
  };
}

export interface SnapshotSource {
  readonly name: string;
  readonly kind: SourceKind;
  readonly topic: string;
  readonly keyFormat: string;
  readonly valueFormat: string;
  readonly windowType?: string;
  /** Absent for sessions, and where the statement does not tell. */
  readonly windowSizeMs?: number;
  /** Of values in the format DELIMITED, as WITH names it; absent: a comma. */
  readonly delimiter?: string;
  /** Made with SOURCE. */
  readonly readOnly?: boolean;
  readonly partitions?: number;
  readonly statementText: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly namespace: ColumnNamespace;
    readonly headerKey?: string;
  }[];
}

/**
 * The metastore that a snapshot describes. Columns whose type cannot be read are left out, and their source is marked
 * incomplete: a newer server may have types that are not known here.
 */
export function readSnapshot(snapshot: MetastoreSnapshot): Metastore {
  const types = new Map<string, SqlType>();
  for (const [name, text] of Object.entries(snapshot.types)) {
    const type = readType(text);
    if (type !== undefined) types.set(name, type);
  }
  return {
    sources: new Map(snapshot.sources.map((source) => [source.name, readSource(source)])),
    types,
    queries: new Map(snapshot.queries.map((query) => [query.id, { ...query, kind: 'create-as' }])),
    topics: snapshot.topics === undefined ? undefined : new Map(snapshot.topics.map((topic) => [topic.name, topic])),
    ...(snapshot.functions === undefined ? {} : { functions: declaredFunctions(snapshot.functions) }),
  };
}

function readSource(source: SnapshotSource): DataSource {
  const columns = source.columns.flatMap(({ type: text, ...column }): Column[] => {
    const type = readType(text);
    return type === undefined ? [] : [{ ...column, type }];
  });
  const window = source.windowType?.toUpperCase();
  return {
    name: source.name,
    kind: source.kind,
    schema: { columns },
    topic: source.topic,
    keyFormat: { name: source.keyFormat as FormatName },
    valueFormat: { name: source.valueFormat as FormatName, delimiter: source.delimiter },
    window: window === undefined ? undefined : { type: window as WindowType, ...sizeOf(source) },
    partitions: source.partitions,
    readOnly: source.readOnly === true,
    createdAs: /\sAS\s+SELECT\s/i.test(source.statementText),
    statementText: source.statementText,
    ...(columns.length < source.columns.length ? { incomplete: true } : {}),
  };
}

const sizeOf = ({ windowSizeMs }: SnapshotSource) => (windowSizeMs === undefined ? {} : { sizeMs: windowSizeMs });

function readType(text: string): SqlType | undefined {
  try {
    return parseType(text);
  } catch {
    return undefined;
  }
}
