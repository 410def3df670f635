import { type SemanticTokens, SemanticTokensBuilder, type SemanticTokensLegend } from 'vscode-languageserver';
import type { ParsedStatement } from '../../language/index.ts';
import type { Metastore } from '../../language/metastore/metastore.ts';
import { namedSources } from '../../language/parser/named-sources.ts';
import { type Token, tokenize } from '../../language/text/tokens.ts';
import { PRIMITIVE_TYPES } from '../../language/types/parse-type.ts';
import type { Script } from '../scripts/script-store.ts';

const TYPES = ['class', 'property', 'function', 'variable', 'type'] as const;
const MODIFIERS = ['readonly'] as const;
type TokenType = (typeof TYPES)[number];

/** Names of token types and modifiers, by index. */
export const SEMANTIC_LEGEND: SemanticTokensLegend = { tokenTypes: [...TYPES], tokenModifiers: [...MODIFIERS] };

/** Colours names by what they stand for; keywords, texts and numbers are the grammar's. Keys are `readonly` properties. */
export function semanticTokens(script: Script): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  for (const statement of script.parsed.statements) {
    const metastore = script.analysis.metastores[statement.index + 1] ?? script.analysis.metastore;
    const names = { functions: script.functions, ...namesIn(statement, metastore) };
    const tokens = tokenize(statement.text);
    tokens.forEach((token, i) => {
      const meaning = meaningOf(token, tokens[i + 1], names);
      if (meaning === undefined) return;
      const { line, character } = script.document.positionAt(statement.offset + token.start);
      builder.push(line, character, token.end - token.start, TYPES.indexOf(meaning.type), meaning.key ? 1 : 0);
    });
  }
  return builder.build();
}

interface Names {
  readonly functions: Pick<ReadonlySet<string>, 'has'>;
  readonly sources: ReadonlySet<string>;
  readonly aliases: ReadonlySet<string>;
  /** Columns that the statement can name, and whether they are keys. */
  readonly columns: ReadonlyMap<string, boolean>;
}

function namesIn({ text, node }: ParsedStatement, metastore: Metastore): Omit<Names, 'functions'> {
  const from = namedSources(text);
  const made = node !== undefined && 'name' in node ? [String(node.name)] : [];
  const target = node !== undefined && 'target' in node ? [String(node.target)] : [];
  const sources = new Set([...from.map(({ name }) => name), ...made, ...target]);
  const columns = [...sources].flatMap((name) => metastore.sources.get(name)?.schema.columns ?? []);
  return {
    sources: new Set([...sources].filter((name) => metastore.sources.has(name))),
    aliases: new Set(from.filter(({ name, alias }) => name !== alias).map(({ alias }) => alias)),
    columns: new Map(columns.map((column) => [column.name, column.namespace === 'key'])),
  };
}

function meaningOf(
  token: Token,
  next: Token | undefined,
  names: Names,
): { type: TokenType; key?: boolean } | undefined {
  if (token.kind !== 'word' && token.kind !== 'quoted') return undefined;
  const { value } = token;
  if (token.kind === 'word' && next?.value === '(' && names.functions.has(value)) return { type: 'function' };
  if (names.sources.has(value)) return { type: 'class' };
  if (names.aliases.has(value)) return { type: 'variable' };
  const key = names.columns.get(value);
  if (key !== undefined && !(token.kind === 'word' && PRIMITIVE_TYPES.has(value) && next?.kind !== 'word'))
    return { type: 'property', key };
  return undefined;
}
