import {
  type Range,
  type SemanticTokens,
  SemanticTokensBuilder,
  type SemanticTokensLegend,
} from 'vscode-languageserver';
import type { Metastore } from '../../language/metastore/metastore.ts';
import type { Named, NameUse } from '../../language/names/name.ts';
import { placedNames } from '../scripts/names.ts';
import type { Script } from '../scripts/script-store.ts';

const TYPES = ['class', 'property', 'function', 'variable', 'type', 'parameter', 'macro'] as const;
const MODIFIERS = ['readonly'] as const;
type TokenType = (typeof TYPES)[number];

/** Names of token types and modifiers, by index. */
export const SEMANTIC_LEGEND: SemanticTokensLegend = { tokenTypes: [...TYPES], tokenModifiers: [...MODIFIERS] };

/** How a name is coloured; keywords, texts and what stands in texts are the grammar's. */
const COLOURS: Readonly<Record<Named['kind'], TokenType | undefined>> = {
  source: 'class',
  column: 'property',
  'pseudo-column': 'property',
  result: 'property',
  field: 'property',
  alias: 'variable',
  parameter: 'parameter',
  type: 'type',
  function: 'function',
  variable: 'macro',
  connector: 'class',
  topic: undefined,
  query: undefined,
  property: undefined,
  setting: undefined,
};

/**
 * Colours names by what they stand for; keywords, texts and numbers are the grammar's. Keys are `readonly` properties.
 */
export function semanticTokens(script: Script): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  pushTokens(script, builder);
  return builder.build();
}

/** Puts the colours of a script, or of those of its lines that a range touches, into a builder. */
export function pushTokens(script: Script, builder: SemanticTokensBuilder, within?: Range): void {
  const [first, last] = [within?.start.line ?? 0, within?.end.line ?? Number.POSITIVE_INFINITY];
  for (const { statement, use, range } of placedNames(script)) {
    const type = colourOf(use);
    if (type === undefined) continue;
    const { line, character } = script.document.positionAt(range.start);
    if (line < first || line > last) continue;
    const metastore = script.analysis.metastores[statement.index + 1] ?? script.analysis.metastore;
    const modifiers = isKey(use.named, metastore) ? 1 : 0;
    builder.push(line, character, range.end - range.start, TYPES.indexOf(type), modifiers);
  }
}

/** A text keeps its colour, whatever it names. */
const colourOf = ({ named, form }: NameUse): TokenType | undefined =>
  form === 'text' || form === 'value' ? undefined : COLOURS[named.kind];

function isKey(named: Named, metastore: Metastore): boolean {
  if (named.kind !== 'column') return false;
  const columns = metastore.sources.get(named.source)?.schema.columns ?? [];
  return columns.some(({ name, namespace }) => name === named.name && namespace === 'key');
}
