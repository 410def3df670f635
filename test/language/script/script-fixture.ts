import { analyzeScript, type Dialect, EMPTY_METASTORE, parseScript } from '../../../language/index.ts';
import type { Diagnostic, QuickFix } from '../../../language/text/diagnostic.ts';
import { schemaToString } from '../../../language/types/schema.ts';

/** Sources that the statements of the tests read. */
export const SOURCES = `
CREATE STREAM clicks (id BIGINT KEY, page STRING, user_id STRING, seen TIMESTAMP, tags ARRAY<STRING>, geo STRUCT<city STRING, zip INT>)
  WITH (KAFKA_TOPIC='clicks', PARTITIONS=2, VALUE_FORMAT='JSON');
CREATE STREAM orders (item STRING, qty INT, price DECIMAL(6, 2)) WITH (KAFKA_TOPIC='orders', PARTITIONS=2, VALUE_FORMAT='JSON');
CREATE STREAM shipments (id BIGINT KEY, item STRING, qty INT) WITH (KAFKA_TOPIC='shipments', PARTITIONS=2, VALUE_FORMAT='JSON');
CREATE STREAM returned (id BIGINT KEY, n INT) WITH (KAFKA_TOPIC='returned', PARTITIONS=2, VALUE_FORMAT='JSON');
CREATE TABLE users (uid STRING PRIMARY KEY, name STRING, region STRING) WITH (KAFKA_TOPIC='users', PARTITIONS=2, VALUE_FORMAT='JSON');
CREATE TABLE regions (rid STRING PRIMARY KEY, label STRING) WITH (KAFKA_TOPIC='regions', PARTITIONS=4, VALUE_FORMAT='JSON');
CREATE STREAM visits (u STRING KEY, n INT)
  WITH (KAFKA_TOPIC='visits', PARTITIONS=2, VALUE_FORMAT='JSON', WINDOW_TYPE='TUMBLING', WINDOW_SIZE='10 SECONDS');
`;

const settings = (dialect: Dialect, offline: boolean) => ({
  dialect,
  offline,
  properties: new Map<string, string>(),
  variables: new Map<string, string>(),
});

const metastores = new Map<Dialect, ReturnType<typeof analyzeScript>['metastore']>();

function sources(dialect: Dialect) {
  const known = metastores.get(dialect);
  if (known) return known;
  const { metastore, diagnostics } = analyzeScript(
    parseScript(SOURCES, { dialect }),
    EMPTY_METASTORE,
    settings(dialect, true),
  );
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  metastores.set(dialect, metastore);
  return metastore;
}

/** Analyses statements after those that make the {@link SOURCES}. */
export function analyze(
  text: string,
  { dialect = 'latest', offline = true }: { dialect?: Dialect; offline?: boolean } = {},
) {
  return analyzeScript(parseScript(text, { dialect }), sources(dialect), settings(dialect, offline));
}

/** The columns of the result of the last statement, as ksqlDB prints them. */
export function resultSchema(text: string, dialect: Dialect = 'latest'): string {
  const { statements, diagnostics } = analyze(text, { dialect });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  const last = statements.at(-1);
  if (last?.kind === 'create-as') return schemaToString(last.sink.schema);
  if (last?.kind === 'create-source') return schemaToString(last.source.schema);
  if (last?.kind === 'select' || last?.kind === 'insert-select') return schemaToString(last.query.output.schema);
  throw new Error(`No result: ${text}`);
}

/** A text in which « and » mark where a diagnostic is expected. */
export function marked(text: string): { readonly text: string; readonly start: number; readonly end: number } {
  const start = text.indexOf('«');
  const end = text.indexOf('»') - 1;
  return { text: text.replace(/[«»]/g, ''), start, end };
}

/** The text after a quick fix. */
export function applyFix(text: string, { edits }: QuickFix): string {
  return [...edits]
    .sort((a, b) => b.range.start - a.range.start)
    .reduce(
      (current, { range, text: inserted }) => current.slice(0, range.start) + inserted + current.slice(range.end),
      text,
    );
}

/** A diagnostic in one line: severity, code and what it underlines. */
export const brief = ({ severity, code, range }: Diagnostic, text: string): string =>
  `${severity} ${code}: ${text.slice(range.start, range.end)}`;
