import { TextDocument } from 'vscode-languageserver-textdocument';
import type { MetastoreSnapshot } from '../../language/metastore/metastore-snapshot.ts';
import { type Script, ScriptStore } from '../../server/scripts/script-store.ts';

/** A script whose text marks the cursor with `$0`. */
export function scriptAt(marked: string, snapshot?: MetastoreSnapshot) {
  const offset = Math.max(0, marked.indexOf('$0'));
  const document = TextDocument.create('file:///test.ksql', 'ksql', 1, marked.replace('$0', ''));
  const store = new ScriptStore();
  store.setSnapshot(snapshot);
  const script: Script = store.get(document);
  return { script, position: document.positionAt(offset) };
}

export const RATINGS = `CREATE STREAM ratings (id BIGINT KEY, user_id INT, stars INT, place STRUCT<city STRING, zip INT>)
  WITH (KAFKA_TOPIC = 'ratings', VALUE_FORMAT = 'JSON', PARTITIONS = 4);
CREATE TABLE users (id INT PRIMARY KEY, name STRING) WITH (KAFKA_TOPIC = 'users', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
`;

/** What a connected server has: one stream. */
export const SERVER: MetastoreSnapshot = {
  sources: [
    {
      name: 'CLICKS',
      kind: 'STREAM',
      topic: 'clicks',
      keyFormat: 'KAFKA',
      valueFormat: 'AVRO',
      statementText: '',
      columns: [
        { name: 'URL', type: 'STRING', namespace: 'key' },
        { name: 'AT', type: 'TIMESTAMP', namespace: 'value' },
      ],
    },
  ],
  types: { ADDRESS: 'STRUCT<`CITY` STRING>' },
  queries: [],
  topics: [{ name: 'clicks', partitions: 1, replicas: 1 }],
};
