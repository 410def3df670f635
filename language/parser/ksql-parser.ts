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
import { slimTree } from './slim-tree.ts';
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
    leaveMessagesOut(wrapperOf(services));
    watchReading(wrapperOf(services));
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

/** The parts of Chevrotain's parser that Langium gives no access to. */
interface ParserWrapper {
  recoveryEnabled: boolean;
  /** Recovery within repetitions, which `recoveryEnabled` does not turn off after the parser was made. */
  attemptInRepetitionRecovery: (...of: unknown[]) => void;
  /** Index of the token that was taken last. */
  readonly currIdx: number;
  LA(ahead: number): LexedToken;
  LA_FAST(ahead: number): LexedToken;
  SAVE_ERROR(error: Error): Error;
  raiseNoAltException(): never;
}

const wrapperOf = ({ parser }: LangiumCoreServices): ParserWrapper =>
  (parser.LangiumParser as unknown as { readonly wrapper: ParserWrapper }).wrapper;

/**
 * The parser's own message of an error lists what would have been possible in its place, which costs more than the
 * parse. Nothing reads it here.
 */
function leaveMessagesOut(wrapper: ParserWrapper): void {
  wrapper.raiseNoAltException = () => {
    const tokens = { token: wrapper.LA(1), previousToken: wrapper.LA(0), resyncedTokens: [] };
    const error = Object.assign(new Error('No alternative fits'), { name: 'NoViableAltException', ...tokens });
    throw wrapper.SAVE_ERROR(error);
  };
}

/**
 * How far the parser has looked, as the index of a token: so far, and before its first error. Set both before parsing.
 */
const reading = { furthest: -1, beforeError: -1 };

function watchReading(wrapper: ParserWrapper): void {
  for (const name of ['LA', 'LA_FAST'] as const) {
    const read = wrapper[name];
    wrapper[name] = (ahead) => {
      const index = wrapper.currIdx + ahead;
      if (index > reading.furthest) reading.furthest = index;
      return read.call(wrapper, ahead);
    };
  }
  const saveError = wrapper.SAVE_ERROR;
  wrapper.SAVE_ERROR = (error) => {
    if (reading.beforeError < 0) reading.beforeError = reading.furthest;
    return saveError.call(wrapper, error);
  };
}

/** A token by the name of its type: of a keyword the word in upper case, of others the terminal's. */
export interface NamedToken {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Cuts a text into the tokens that the parser takes, without blanks and comments; what is no token is left out. */
export function namedTokens(text: string): readonly NamedToken[] {
  const { tokens } = ksqlServices().parser.Lexer.tokenize(text);
  return tokens.map(({ tokenType, startOffset, image }) => ({
    name: tokenType.name,
    start: startOffset,
    end: startOffset + image.length,
  }));
}

/** A parsed text, or the place where it is nested too deep to be parsed. */
export type ParsedText =
  | { readonly kind: 'parsed'; readonly result: ParseResult<StatementText> }
  | { readonly kind: 'too-deep'; readonly start: number; readonly end: number };

/**
 * Parses the text of one statement. Offsets in the result are relative to that text. `levelsAtOnce` says how much of
 * its nesting is parsed at once, which makes no difference to the result.
 */
export function parseStatementText(text: string, levelsAtOnce?: number): ParsedText {
  const lexer = ksqlServices().parser.Lexer as PreparedLexer;
  const lexed = lexer.tokenize(text);
  const { fragments, tooDeep } = cutStatement(lexed, placeholderOf(lexer), levelsAtOnce);
  if (tooDeep !== undefined) {
    const { startOffset: start, image } = tooDeep;
    return { kind: 'too-deep', start, end: start + image.length };
  }
  const parserErrors: ParseResult['parserErrors'] = [];
  const trees = new Map<Fragment, AstNode>();
  for (const fragment of fragments) parserErrors.push(...parseFragment(text, fragment, trees));
  parserErrors.sort((a, b) => placeOf(a) - placeOf(b));
  const value = trees.get(fragments.at(-1)!) as StatementText;
  if (value.$cstNode !== undefined) slimTree(value.$cstNode.root);
  return { kind: 'parsed', result: { value, lexerErrors: lexed.errors, parserErrors } };
}

const placeOf = ({ token }: ParseResult['parserErrors'][number]): number =>
  Number.isFinite(token.startOffset) ? token.startOffset : Number.POSITIVE_INFINITY;

/**
 * Adds the tree of a fragment, whose inner ones have theirs, and gives its errors. One at its end stands at what
 * follows it.
 */
function parseFragment(text: string, fragment: Fragment, trees: Map<Fragment, AstNode>): ParseResult['parserErrors'] {
  const { parser } = ksqlServices();
  (parser.Lexer as PreparedLexer).prepared = { tokens: fragment.tokens, hidden: fragment.hidden, errors: [] };
  const { value, parserErrors } = parser.LangiumParser.parse(text, { rule: fragment.rule });
  for (const error of parserErrors)
    if (fragment.next !== undefined && !Number.isFinite(error.token.startOffset)) error.token = fragment.next;
  trees.set(fragment, withInner(value, fragment, trees, parserErrors));
  return parserErrors;
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
  trees: ReadonlyMap<Fragment, AstNode>,
  errors: ParseResult['parserErrors'],
): AstNode {
  if (inner.size === 0) return tree;
  const places = new Map([...inner.keys()].map((token) => [token.startOffset, token]));
  let whole = tree;
  for (const leaf of leavesOf(tree.$cstNode!.root)) {
    const token = places.get(leaf.offset);
    const node = leaf.astNode;
    const instead = token && trees.get(inner.get(token)!);
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

/**
 * A fragment's beginning that nothing makes right: the types of its tokens up to the last that the parser had looked
 * at.
 */
interface WrongBeginning {
  readonly rule: Fragment['rule'];
  readonly tokenTypes: readonly number[];
}

const beginsWith = ({ rule, tokens }: Fragment, wrong: WrongBeginning): boolean =>
  rule === wrong.rule && wrong.tokenTypes.every((type, i) => tokens[i]?.tokenTypeIdx === type);

/**
 * Makes a function that says whether a text is one statement without syntax errors. It ends at the first error, so it
 * is much faster than a parse that goes on. It is for texts that differ little: one that begins like a wrong one, as
 * far as that was read, is not parsed again.
 */
export function makeTrials(): (text: string) => boolean {
  const wrong: WrongBeginning[] = [];
  const parses = (text: string, fragment: Fragment, trees: Map<Fragment, AstNode>): boolean => {
    Object.assign(reading, { furthest: -1, beforeError: -1 });
    if (parseFragment(text, fragment, trees).length === 0) return true;
    const { rule, tokens } = fragment;
    // A placeholder where none can stand is seen after the parse.
    const { beforeError } = reading;
    if (beforeError >= 0 && beforeError < tokens.length)
      wrong.push({ rule, tokenTypes: tokens.slice(0, beforeError + 1).map(({ tokenTypeIdx }) => tokenTypeIdx) });
    return false;
  };
  return (text) => {
    const { Lexer } = ksqlServices().parser;
    const lexed = Lexer.tokenize(text);
    if (lexed.errors.length > 0) return false;
    const { fragments, tooDeep } = cutStatement(lexed, placeholderOf(Lexer as PreparedLexer));
    if (tooDeep !== undefined || fragments.some((fragment) => wrong.some((known) => beginsWith(fragment, known))))
      return false;
    const trees = new Map<Fragment, AstNode>();
    return withoutRecovery(() => fragments.every((fragment) => parses(text, fragment, trees)));
  };
}

function withoutRecovery<T>(parse: () => T): T {
  const wrapper = wrapperOf(ksqlServices());
  const { attemptInRepetitionRecovery } = wrapper;
  Object.assign(wrapper, { recoveryEnabled: false, attemptInRepetitionRecovery: () => {} });
  try {
    return parse();
  } finally {
    Object.assign(wrapper, { recoveryEnabled: true, attemptInRepetitionRecovery });
  }
}
