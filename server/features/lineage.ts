import { columnLineage } from '../../language/query/lineage.ts';
import type { Lineage, LineageEdge, LineageNode } from '../protocol.ts';
import { dataFlows, firstWords } from '../scripts/data-flows.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';

/** What flows where in the project of a script, source by source and column by column. */
export function lineage(script: Script): Lineage {
  const { project } = script.files.projectOf(script.document.uri);
  const nodes = new Map<string, LineageNode>();
  const edges: LineageEdge[] = [];
  const addSource = (name: string, { analysis }: Script): string => {
    const id = `source ${name}`;
    const source = analysis.metastore.sources.get(name);
    const columns = source?.schema.columns.map((column) => column.name) ?? [];
    const known = nodes.get(id);
    if (known === undefined || (known.kind === 'unknown' && source !== undefined))
      nodes.set(id, { id, name, kind: source === undefined ? 'unknown' : source.kind, columns });
    return id;
  };
  for (const { path, isTest } of project.files) {
    const each = isTest ? undefined : script.files.find(path);
    if (each === undefined) continue;
    addDefinitions(each, addSource, nodes);
    for (const flow of dataFlows(each)) {
      const { statement, sink, kind } = flow;
      const place = { uri: each.document.uri, range: toLspRange(each.document, statement.range) };
      const id = `query ${each.document.uri}#${statement.range.start}`;
      if (sink === undefined)
        nodes.set(id, { id, name: firstWords(statement.text), kind: 'QUERY', columns: [], ...place });
      const to = sink === undefined ? id : addSource(sink, each);
      const columns = columnsOf(each, statement.index);
      for (const source of flow.sources) {
        const from = addSource(source, each);
        const own = columns.filter((column) => column.source === source);
        edges.push({ from, to, kind, columns: own.map((column) => ({ from: column.from, to: column.to })), ...place });
      }
    }
  }
  return { nodes: [...nodes.values()], edges };
}

/** Gives the sources that a script makes their places. */
function addDefinitions(
  script: Script,
  addSource: (name: string, script: Script) => string,
  nodes: Map<string, LineageNode>,
): void {
  for (const { node, range } of script.parsed.statements) {
    if (node?.$type !== 'CreateSource' && node?.$type !== 'CreateAs') continue;
    const id = addSource(node.name, script);
    const place = { uri: script.document.uri, range: toLspRange(script.document, range) };
    nodes.set(id, { ...nodes.get(id)!, ...place });
  }
}

/** Which column of a source each column of a result is computed from. */
function columnsOf({ analysis }: Script, index: number) {
  const analyzed = analysis.statements[index];
  if (analyzed === undefined || !('query' in analyzed)) return [];
  return columnLineage(analyzed.query).flatMap(({ column, from }) =>
    from.map((origin) => ({ source: origin.source, from: origin.column, to: column })),
  );
}
