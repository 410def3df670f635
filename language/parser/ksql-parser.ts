import {
  type AstNode,
  type CompositeCstNode,
  type CstNode,
  createDefaultCoreModule,
  createDefaultSharedCoreModule,
  DefaultLexer,
  EmptyFileSystem,
  inject,
  isCompositeCstNode,
  type LangiumCoreServices,
  type LexerResult,
  type Mutable,
  type ParseResult,
} from 'langium';
import type { StatementText } from '../generated/ast.ts';
import { KsqlGeneratedModule, KsqlGeneratedSharedModule } from '../generated/module.ts';
import { cutStatement, type Fragment, type LexedToken, type MakePlaceholder } from './fragments.ts';
import { KsqlLookahead } from './lookahead.ts';
import { KsqlValueConverter } from './value-converter.ts';

let services: LangiumCoreServices | undefined;

/** Langium's services for the language, made when first needed. */
function ksqlServices(): LangiumCoreServices {
  if (services === undefined) {
    const shared = inject(createDefaultSharedCoreModule(EmptyFileSystem), KsqlGeneratedSharedModule);
    services = inject(createDefaultCoreModule({ shared }), KsqlGeneratedModule, {
      parser: {
        ValueConverter: () => new KsqlValueConverter(),
        Lexer: (core) => new PreparedLexer(core),
        ParserConfig: () => ({ lookaheadStrategy: new KsqlLookahead({ logging: () => {} }) }),
      },
    });
    shared.ServiceRegistry.register(services);
    limitErrorPaths(services);
  }
  return services;
}

/** A lexer that hands the parser tokens which were cut out of a text before. */
class PreparedLexer extends DefaultLexer {
  prepared: LexerResult | undefined;

  override tokenize(text: string): LexerResult {
    const { prepared } = this;
    this.prepared = undefined;
    return prepared ?? super.tokenize(text);
  }
}

/**
 * The parser lists in an error all token sequences that would have been possible, up to this many tokens long. Nothing reads
 * them here, and with more than one token the list of what may follow SELECT takes seconds to make. Lookahead itself has no limit
 * and is not touched; giving the limit as configuration would put a fixed lookahead in its place.
 */
function limitErrorPaths(made: LangiumCoreServices): void {
  wrapperOf(made).maxLookahead = 1;
}

/** The parts of Chevrotain's parser that Langium gives no access to. */
interface ParserWrapper {
  maxLookahead: number;
  recoveryEnabled: boolean;
}

const wrapperOf = ({ parser }: LangiumCoreServices): ParserWrapper =>
  (parser.LangiumParser as unknown as { readonly wrapper: ParserWrapper }).wrapper;

/** A parsed text, or the place where it is nested too deep to be parsed. */
export type ParsedText =
  | { readonly kind: 'parsed'; readonly result: ParseResult<StatementText> }
  | { readonly kind: 'too-deep'; readonly start: number; readonly end: number };

/** Parses the text of one statement. Offsets in the result are relative to that text. */
export function parseStatementText(text: string): ParsedText {
  const lexer = ksqlServices().parser.Lexer as PreparedLexer;
  const lexed = lexer.tokenize(text);
  const { fragments, tooDeep } = cutStatement(lexed, placeholderOf(lexer));
  if (tooDeep !== undefined) {
    const { startOffset: start, image } = tooDeep;
    return { kind: 'too-deep', start, end: start + image.length };
  }
  const parserErrors: ParseResult['parserErrors'] = [];
  const parsed = new Map<Fragment, AstNode | undefined>();
  for (const fragment of fragments) {
    lexer.prepared = { tokens: fragment.tokens, hidden: fragment.hidden, errors: [] };
    const result = parseFragment(text, fragment);
    parserErrors.push(...result.parserErrors);
    parsed.set(fragment, withInner(result.value, fragment, parsed, parserErrors));
  }
  parserErrors.sort((a, b) => placeOf(a) - placeOf(b));
  const value = parsed.get(fragments.at(-1)!) as StatementText;
  return { kind: 'parsed', result: { value, lexerErrors: lexed.errors, parserErrors } };
}

const placeOf = ({ token }: ParseResult['parserErrors'][number]): number =>
  Number.isFinite(token.startOffset) ? token.startOffset : Number.POSITIVE_INFINITY;

/** An error at the end of a fragment stands at what follows it. */
function parseFragment(text: string, { rule, next }: Fragment): ParseResult {
  const result = ksqlServices().parser.LangiumParser.parse(text, { rule });
  for (const error of result.parserErrors)
    if (next !== undefined && !Number.isFinite(error.token.startOffset)) error.token = next;
  return result;
}

/** TRUE is nothing but an expression; a name in a type is nothing but a type. */
function placeholderOf(lexer: PreparedLexer): MakePlaceholder {
  return (rule, first) => {
    const tokenType = lexer.definition[rule === 'PlainType' ? 'PLAIN_ID' : 'TRUE']!;
    return { ...first, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx! };
  };
}

const PLACEHOLDER_TYPES: ReadonlySet<string> = new Set(['BooleanLiteral', 'NamedType']);

/** Puts what was cut out of a fragment into its tree again. */
function withInner(
  tree: AstNode,
  { inner }: Fragment,
  parsed: ReadonlyMap<Fragment, AstNode | undefined>,
  errors: ParseResult['parserErrors'],
): AstNode {
  if (inner.size === 0) return tree;
  const places = new Map([...inner.keys()].map((token) => [token.startOffset, token]));
  let whole = tree;
  for (const leaf of leavesOf(tree.$cstNode!.root)) {
    const token = places.get(leaf.offset);
    const node = leaf.astNode;
    const instead = token && parsed.get(inner.get(token)!);
    if (instead === undefined || !PLACEHOLDER_TYPES.has(node.$type)) continue;
    places.delete(leaf.offset);
    replaceNode(node, leaf, instead);
    if (node === whole) whole = instead;
  }
  // A placeholder that stands for nothing was skipped, after an error or where the grammar wants a word.
  for (const token of places.values()) errors.push(misplaced(token));
  return whole;
}

function misplaced(token: LexedToken): ParseResult['parserErrors'][number] {
  const context = { ruleStack: [], ruleOccurrenceStack: [] };
  return { name: 'MismatchedTokenException', message: 'Not expected here', token, resyncedTokens: [], context };
}

/** The leaves of a syntax tree that are no comments, in the order of the text. */
function leavesOf(root: CstNode): CstNode[] {
  const leaves: CstNode[] = [];
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (isCompositeCstNode(node)) for (let i = node.content.length - 1; i >= 0; i--) pending.push(node.content[i]!);
    else if (!node.hidden) leaves.push(node);
  }
  return leaves;
}

/** Puts a tree in the place of a node that consists of one leaf. */
function replaceNode(node: AstNode, leaf: CstNode, instead: AstNode): void {
  const place = node.$cstNode as CompositeCstNode;
  let child = leaf;
  while (child.container !== undefined && child.container !== place) child = child.container;
  const { content } = instead.$cstNode as CompositeCstNode;
  for (const part of content) (part as Mutable<CstNode>).container = place;
  (place.content as CstNode[]).splice(place.content.indexOf(child), 1, ...content);
  (place as Mutable<CstNode>).astNode = instead;
  const { $container: container, $containerProperty: property, $containerIndex: index } = node;
  Object.assign(instead, { $cstNode: place, $container: container, $containerProperty: property });
  if (container === undefined || property === undefined) return;
  if (index !== undefined) Object.assign(instead, { $containerIndex: index });
  const owner = container as unknown as Record<string, AstNode | AstNode[]>;
  if (index === undefined) owner[property] = instead;
  else (owner[property] as AstNode[])[index] = instead;
}

/** Whether a text is one statement without syntax errors. Ends at the first error, so it is much faster than a parse that goes on. */
export function parsesText(text: string): boolean {
  const wrapper = wrapperOf(ksqlServices());
  wrapper.recoveryEnabled = false;
  try {
    const parsed = parseStatementText(text);
    return parsed.kind === 'parsed' && parsed.result.lexerErrors.length + parsed.result.parserErrors.length === 0;
  } finally {
    wrapper.recoveryEnabled = true;
  }
}
