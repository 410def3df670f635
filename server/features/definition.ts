import type { Location, Position } from 'vscode-languageserver';
import { namedSources } from '../../language/parser/named-sources.ts';
import { tokenize } from '../../language/text/tokens.ts';
import { type Script, statementAt, toLspRange } from '../scripts/script-store.ts';

/** The statement of the script that creates the source, type or connector named at a position. */
export function definition(script: Script, position: Position): Location | undefined {
  const offset = script.document.offsetAt(position);
  const statement = statementAt(script, offset);
  if (statement === undefined) return undefined;
  const at = offset - statement.offset;
  const token = tokenize(statement.text).find(({ start, end }) => start <= at && at <= end);
  if (token === undefined || (token.kind !== 'word' && token.kind !== 'quoted')) return undefined;
  const name = namedSources(statement.text).find(({ alias }) => alias === token.value)?.name ?? token.value;
  const maker = script.parsed.statements.find(({ node }) => {
    const makes = ['CreateSource', 'CreateAs', 'CreateType', 'CreateConnector'].includes(node?.$type ?? '');
    return makes && (node as { readonly name?: string }).name === name;
  });
  if (maker === undefined || maker === statement) return undefined;
  return { uri: script.document.uri, range: toLspRange(script.document, maker.range) };
}
