import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver';
import { type ParsedStatement, rangeOf } from '../../language/index.ts';
import { typeToString } from '../../language/types/sql-type.ts';
import { firstWords } from '../scripts/data-flows.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';
import { shortType } from '../text/source-text.ts';

/** The outline: one entry per statement, with the columns of what it creates. */
export function symbols(script: Script): DocumentSymbol[] {
  return script.parsed.statements.flatMap((statement) => {
    const described = describe(statement);
    if (described === undefined) return [];
    const range = toLspRange(script.document, statement.range);
    const symbol: DocumentSymbol = {
      ...described,
      range,
      selectionRange: range,
      children: columns(script, statement),
    };
    return [symbol];
  });
}

function describe(statement: ParsedStatement): Pick<DocumentSymbol, 'name' | 'kind' | 'detail'> | undefined {
  const node = statement.node ?? statement.partial;
  switch (node?.$type) {
    case undefined:
      return undefined;
    case 'CreateSource':
    case 'CreateAs':
      if (!node.name) return undefined;
      return {
        name: node.name,
        kind: node.kind === 'TABLE' ? SymbolKind.Struct : SymbolKind.Event,
        detail: `${node.kind.toLowerCase()}${node.$type === 'CreateAs' ? ' as select' : ''}`,
      };
    case 'CreateType':
      return node.name ? { name: node.name, kind: SymbolKind.TypeParameter, detail: 'type' } : undefined;
    case 'CreateConnector':
      return node.name ? { name: node.name, kind: SymbolKind.Interface, detail: 'connector' } : undefined;
    case 'Query':
      return { name: firstWords(statement.text), kind: SymbolKind.Function, detail: 'query' };
    default:
      return { name: firstWords(statement.text), kind: SymbolKind.Method, detail: '' };
  }
}

function columns(script: Script, statement: ParsedStatement): DocumentSymbol[] {
  const analyzed = script.analysis.statements[statement.index];
  if (analyzed?.kind !== 'create-source' && analyzed?.kind !== 'create-as') return [];
  const source = analyzed.kind === 'create-source' ? analyzed.source : analyzed.sink;
  const elements = statement.node?.$type === 'CreateSource' ? statement.node.elements : [];
  return source.schema.columns.map((column) => {
    const element = elements.find(({ name }) => name === column.name);
    const range = toLspRange(script.document, element === undefined ? statement.range : rangeOf(element, statement));
    return {
      name: column.name,
      detail: shortType(typeToString(column.type)),
      kind: column.namespace === 'key' ? SymbolKind.Key : SymbolKind.Field,
      range,
      selectionRange: range,
    };
  });
}
