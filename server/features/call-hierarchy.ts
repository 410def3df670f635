import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type Position,
  type Range,
  SymbolKind,
} from 'vscode-languageserver';
import { type DataFlow, dataFlows, firstWords } from '../scripts/data-flows.ts';
import { scriptsNaming } from '../scripts/mentions.ts';
import { namesIn, type PlacedName, placedNameAt, placedNames } from '../scripts/names.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';

/** What an item keeps between two requests: the source that it stands for; absent for a query, which nothing reads. */
interface ItemData {
  readonly source?: string;
}

/** The source at a position, as the beginning of a hierarchy: who reads it, and who feeds it. */
export function prepareHierarchy(script: Script, position: Position): CallHierarchyItem[] | undefined {
  const named = placedNameAt(script, script.document.offsetAt(position))?.use.named;
  const source = named?.kind === 'source' ? named.name : named?.kind === 'alias' ? named.source : undefined;
  const item = source === undefined ? undefined : sourceItem(source, script);
  return item && [item];
}

/** Who reads what an item stands for: the sources that are made from it or written from it, and queries. */
export function readersOf(item: CallHierarchyItem, script: Script): CallHierarchyIncomingCall[] {
  const { source } = item.data as ItemData;
  if (source === undefined) return [];
  return flowsNaming(source, script)
    .filter(({ sources }) => sources.includes(source))
    .map((flow) => ({ from: flowItem(flow), fromRanges: placesIn(flow, source) }));
}

/**
 * What an item is fed from: the sources that its query reads, and those that INSERT INTO … SELECT writes into it from.
 */
export function feedersOf(item: CallHierarchyItem, script: Script): CallHierarchyOutgoingCall[] {
  const { source } = item.data as ItemData;
  const flows =
    source === undefined
      ? dataFlows(script).filter(({ statement }) => sameRange(toLspRange(script.document, statement.range), item.range))
      : flowsNaming(source, script).filter(({ sink }) => sink === source);
  return flows.flatMap((flow) =>
    flow.sources.flatMap((each) => {
      const to = sourceItem(each, flow.script);
      return to === undefined ? [] : [{ to, fromRanges: placesIn(flow, each) }];
    }),
  );
}

const flowsNaming = (source: string, script: Script): readonly DataFlow[] =>
  scriptsNaming({ kind: 'source', name: source }, script).flatMap(dataFlows);

const sameRange = (a: Range, b: Range): boolean =>
  a.start.line === b.start.line && a.start.character === b.start.character;

/** The statement that makes a source, or the first place that names one that only a server has. */
function sourceItem(source: string, script: Script): CallHierarchyItem | undefined {
  let first: PlacedName | undefined;
  for (const each of scriptsNaming({ kind: 'source', name: source }, script))
    for (const place of placedNames(each)) {
      const { named, defines } = place.use;
      if (named.kind !== 'source' || named.name !== source) continue;
      if (defines) return itemAt(place, source);
      first ??= place;
    }
  return first && itemAt(first, source);
}

function itemAt({ script, statement, range }: PlacedName, source: string): CallHierarchyItem {
  const { kind } = script.analysis.metastore.sources.get(source) ?? { kind: 'STREAM' };
  const data: ItemData = { source };
  return {
    name: source,
    kind: kind === 'TABLE' ? SymbolKind.Struct : SymbolKind.Event,
    detail: kind.toLowerCase(),
    uri: script.document.uri,
    range: toLspRange(script.document, statement.range),
    selectionRange: toLspRange(script.document, range),
    data,
  };
}

/** What a flow writes; a query stands for itself. */
function flowItem(flow: DataFlow): CallHierarchyItem {
  const { script, statement, sink } = flow;
  const range = toLspRange(script.document, statement.range);
  const own = sink === undefined ? undefined : sourceItem(sink, script);
  if (own !== undefined && flow.kind === 'create-as') return own;
  // What an INSERT writes is made elsewhere, but it is here that it reads.
  const uri = script.document.uri;
  if (own !== undefined) return { ...own, detail: `${own.detail} · INSERT`, uri, range, selectionRange: range };
  const data: ItemData = sink === undefined ? {} : { source: sink };
  const name = sink ?? firstWords(statement.text);
  return { name, kind: SymbolKind.Function, detail: 'query', uri, range, selectionRange: range, data };
}

/** Where the statement of a flow names a source. */
function placesIn({ script, statement }: DataFlow, source: string): Range[] {
  return namesIn(script, statement)
    .uses.filter(({ named, defines }) => named.kind === 'source' && named.name === source && !defines)
    .map(({ range }) =>
      toLspRange(script.document, { start: range.start + statement.offset, end: range.end + statement.offset }),
    );
}
