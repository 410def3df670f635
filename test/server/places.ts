import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { MetastoreSnapshot } from '../../language/metastore/metastore-snapshot.ts';
import { type Script, ScriptStore } from '../../server/scripts/script-store.ts';

/** Marks a place. */
export const MARK = '‸';
const FOLDER = path.join(import.meta.dirname, 'places');
/** What stands before each place. */
export const SOURCES = readFileSync(path.join(FOLDER, 'sources.ksql'), 'utf8');

/** What a server has besides the sources of the script. */
const SERVER: MetastoreSnapshot = {
  sources: [],
  types: {},
  queries: [
    { id: 'CTAS_STARS_OF_7', sink: 'STARS_OF', sources: ['RATINGS'], statementText: '' },
    { id: 'CSAS_GOOD_9', sink: 'GOOD', sources: ['RATINGS'], statementText: '' },
  ],
  topics: ['ratings', 'orders', 'users', 'levels', 'lookup', 'page-views'].map((name) => ({
    name,
    partitions: 4,
    replicas: 1,
  })),
  names: {
    subjects: ['orders-value', 'page-views-value'],
    schemas: [
      { subject: 'page-views-value', id: 3, format: 'PROTOBUF' },
      { subject: 'orders-value', id: 7, format: 'AVRO' },
      { subject: 'orders-key', id: 4, format: 'AVRO' },
    ],
    connectors: ['SINK_OF_GOOD'],
    connectorClasses: ['io.confluent.connect.jdbc.JdbcSinkConnector'],
  },
};

export interface Place {
  readonly marked: string;
  readonly script: Script;
  readonly offset: number;
  /** Where a second mark stands; the same where there is none. */
  readonly end: number;
}

/**
 * The places of a file: statements with a mark, or with two around what is selected, parted by blank lines. Each stands
 * behind the same sources, as if the others were not there.
 */
export function placesOf(file: string): readonly Place[] {
  const text = readFileSync(path.join(FOLDER, file), 'utf8');
  return text
    .trim()
    .split(/\n\n+/)
    .map((marked) => {
      const offset = SOURCES.length + marked.indexOf(MARK);
      const store = new ScriptStore();
      store.setSnapshot(SERVER);
      const end = Math.max(offset, SOURCES.length + marked.lastIndexOf(MARK) - MARK.length);
      const document = TextDocument.create('file:///places.ksql', 'ksql', 1, SOURCES + marked.replaceAll(MARK, ''));
      return { marked, script: store.get(document), offset, end };
    });
}

/** A readable text of what was found at each place, for a snapshot that is reviewed as a diff. */
export const report = (found: readonly (readonly [marked: string, lines: readonly string[]])[]): string =>
  found.map(([marked, lines]) => `${marked}\n${lines.map((line) => `    ${line}`).join('\n')}\n`).join('\n');
