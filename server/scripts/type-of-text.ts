import { analyzeStatement, EMPTY_METASTORE, parseScript } from '../../language/index.ts';
import type { Metastore } from '../../language/metastore/metastore.ts';
import type { QuerySource } from '../../language/names/tree-names.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import { type SqlType, STRING } from '../../language/types/sql-type.ts';
import type { Script } from './script-store.ts';

/** What a text is analysed with by itself. */
export const settingsOf = ({ parsed }: Script): Parameters<typeof analyzeStatement>[2] => ({
  dialect: parsed.options.dialect,
  properties: new Map(),
  variables: new Map(),
  offline: true,
});

/** A source for texts that name no columns. */
const NO_COLUMNS: Metastore = {
  ...EMPTY_METASTORE,
  sources: new Map([
    [
      'X',
      {
        name: 'X',
        kind: 'STREAM',
        schema: { columns: [{ name: 'X', type: STRING, namespace: 'value' }] },
        topic: 'x',
        keyFormat: { name: 'KAFKA' },
        valueFormat: { name: 'JSON' },
        readOnly: false,
        createdAs: false,
        statementText: '',
      },
    ],
  ]),
};

/**
 * The type of a text that may be an expression over one of some sources, or a constant where there are none; undefined
 * where it is none. It is for texts that stand in statements which have no tree yet, because they are being written.
 */
export function typeOfText(
  script: Script,
  text: string,
  metastore: Metastore,
  sources: ReadonlyMap<string, QuerySource>,
): SqlType | undefined {
  const { options } = script.parsed;
  if (sources.size === 0)
    return typeOfText(script, text, NO_COLUMNS, new Map([['X', { source: 'X', aliased: false }]]));
  for (const [alias, { source }] of sources) {
    const query = `SELECT ${text} FROM ${identifierText(source)} ${identifierText(alias)} EMIT CHANGES;`;
    const [statement, ...more] = parseScript(query, options).statements;
    if (statement?.node === undefined || more.length > 0) continue;
    const { analyzed } = analyzeStatement(statement, metastore, settingsOf(script));
    const columns = analyzed?.kind === 'select' ? analyzed.query.output.columns : [];
    if (columns.length === 1) return columns[0]!.type;
  }
  return undefined;
}
