import { columnLineage, type SourceColumn } from '../../language/query/lineage.ts';
import { identifierText } from '../../language/text/identifier-text.ts';
import { scriptsNaming } from './mentions.ts';
import type { Script } from './script-store.ts';

/** So many steps back are shown: a longer way is found by hovering over its last column. */
const MAX_STEPS = 8;

/**
 * What the columns of a result are computed from, step by step back to columns that no query of the project writes, as
 * Markdown; an empty text for a column that is declared.
 */
export function originText(script: Script, column: SourceColumn): string {
  const lines: string[] = [];
  const seen = new Set<string>();
  const open: SourceColumn[] = [column];
  for (let next = open.shift(); next !== undefined && lines.length < MAX_STEPS; next = open.shift()) {
    const name = columnText(next);
    const from = seen.has(name) ? [] : computedFrom(script, next);
    seen.add(name);
    if (from.length === 0) continue;
    lines.push(`${name} ← ${from.map(columnText).join(', ')}`);
    open.push(...from);
  }
  return lines.join('  \n');
}

function computedFrom(script: Script, { source, column }: SourceColumn): readonly SourceColumn[] {
  for (const each of scriptsNaming({ kind: 'source', name: source }, script)) {
    const writer = each.analysis.statements.find(
      (statement) => statement?.kind === 'create-as' && statement.sink.name === source,
    );
    if (writer?.kind === 'create-as')
      return columnLineage(writer.query).find((lineage) => lineage.column === column)?.from ?? [];
  }
  return [];
}

const columnText = ({ source, column }: SourceColumn) => `\`${identifierText(source)}.${identifierText(column)}\``;
