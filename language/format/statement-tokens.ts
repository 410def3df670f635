import { type AstNode, CstUtils, GrammarAST, isLeafCstNode, type LeafCstNode } from 'langium';
import type { Statement } from '../generated/ast.ts';
import { PRIMITIVE_TYPES } from '../types/parse-type.ts';
import type { FormatStyle } from './format-style.ts';

/** A token of a statement as the formatter lays it out, with the comments before it. */
export interface StatementToken {
  /** As it is to be written. */
  readonly text: string;
  readonly kind: 'keyword' | 'symbol' | 'name' | 'literal';
  /** The node that the token belongs to itself, not through one of its children. */
  readonly owner: AstNode;
  /** Place in the statement's text. */
  readonly start: number;
  readonly end: number;
  readonly comments: readonly Comment[];
  /** There is a line break somewhere between the token before and this one. */
  readonly afterLineBreak: boolean;
  /** There is a line break right before this one, after the last of the comments. */
  readonly startsLine: boolean;
}

export interface Comment {
  readonly text: string;
  /** It begins a line. */
  readonly startsLine: boolean;
}

/** Rules whose keywords are words that serve as names. */
const NAME_RULES: ReadonlySet<string> = new Set([
  ...['Identifier', 'ColumnName', 'TypeName', 'DescribedName', 'BareAlias', 'RawIdentifier', 'VariableName'],
  ...['NonReserved', 'NonReservedAlias', 'NonReservedWord', 'Reserved'],
]);

/** The tokens of a statement that has parsed: keywords and built-in types in upper case, the rest as it is written. */
export function statementTokens(node: Statement, text: string, style: FormatStyle): StatementToken[] {
  const leaves = [...CstUtils.streamCst(node.$cstNode!.root)]
    .filter(isLeafCstNode)
    .toSorted((a, b) => a.offset - b.offset);
  const tokens: StatementToken[] = [];
  let comments: Comment[] = [];
  let end = 0;
  let afterLineBreak = false;
  for (const leaf of leaves) {
    const startsLine = text.slice(end, leaf.offset).includes('\n');
    afterLineBreak ||= startsLine;
    end = leaf.end;
    if (leaf.hidden) {
      if (leaf.text.trim() !== '') comments.push({ text: text.slice(leaf.offset, leaf.end).trimEnd(), startsLine });
      continue;
    }
    const place = { start: leaf.offset, end: leaf.end, owner: leaf.astNode };
    tokens.push({ ...place, ...written(leaf, text, style), comments, afterLineBreak, startsLine });
    comments = [];
    afterLineBreak = false;
  }
  return style.commas === 'leading' ? commentsBeforeCommas(tokens) : commentsAfterCommas(tokens);
}

function written(leaf: LeafCstNode, text: string, { keywordCase }: FormatStyle): Pick<StatementToken, 'text' | 'kind'> {
  const own = text.slice(leaf.offset, leaf.end);
  if (isName(leaf)) return { text: isBuiltIn(leaf, own) ? inCase(own, keywordCase) : own, kind: 'name' };
  if (!GrammarAST.isKeyword(leaf.grammarSource)) return { text: own, kind: 'literal' };
  return /^\w/.test(own) ? { text: inCase(own, keywordCase), kind: 'keyword' } : { text: own, kind: 'symbol' };
}

function isName({ container, tokenType }: LeafCstNode): boolean {
  const source = container?.grammarSource;
  if (/_ID$|^VARIABLE$/.test(tokenType.name)) return true;
  return GrammarAST.isRuleCall(source) && NAME_RULES.has(source.rule.$refText);
}

/** Built-in types and properties are written like keywords, what a user has named as the user writes it. */
function isBuiltIn({ astNode, tokenType }: LeafCstNode, name: string): boolean {
  const isType = astNode.$type === 'NamedType' && PRIMITIVE_TYPES.has(name.toUpperCase());
  return isType || (astNode.$type === 'Property' && !QUOTED.test(tokenType.name));
}

function inCase(word: string, keywordCase: FormatStyle['keywordCase']): string {
  if (keywordCase === 'keep') return word;
  return keywordCase === 'lower' ? word.toLowerCase() : word.toUpperCase();
}

const QUOTED = /QUOTED_ID$|^VARIABLE$/;

/** A comment that ends its line before a comma speaks of what stands before it: the comma goes first. */
function commentsAfterCommas(tokens: readonly StatementToken[]): StatementToken[] {
  let moved: readonly Comment[] = [];
  return tokens.map((token, i) => {
    const comments = [...moved, ...token.comments];
    const afterLineBreak = token.afterLineBreak || (moved.length > 0 && tokens[i - 1]!.afterLineBreak);
    const isComma = token.text === ',' && token.kind === 'symbol';
    const moves = isComma && comments.some(isLineComment);
    moved = moves ? comments : [];
    return moves
      ? { ...token, comments: [], afterLineBreak: false, startsLine: false }
      : { ...token, comments, afterLineBreak };
  });
}

/**
 * A comment that stands behind a comma on its line speaks of what stands before that: the comma goes to the next line.
 */
function commentsBeforeCommas(tokens: readonly StatementToken[]): StatementToken[] {
  return tokens.map((token, i) => {
    const moved = isComma(token) ? behindComma(tokens[i + 1]) : [];
    const own = i > 0 && isComma(tokens[i - 1]!) ? token.comments.slice(behindComma(token).length) : token.comments;
    return moved.length === 0 && own === token.comments
      ? token
      : { ...token, comments: [...own, ...moved], startsLine: token.startsLine || moved.length > 0 };
  });
}

const isComma = ({ kind, text }: StatementToken): boolean => kind === 'symbol' && text === ',';

/** The line comment before a token that begins on the line of the comma. */
const behindComma = (token: StatementToken | undefined): readonly Comment[] => {
  const [first] = token?.comments ?? [];
  return first !== undefined && !first.startsLine && isLineComment(first) ? [first] : [];
};

/** Comments that reach to the end of their line. */
export const isLineComment = ({ text }: Comment): boolean => text.startsWith('--');
