import { type AstNode, AstUtils } from 'langium';
import type * as ast from '../generated/ast.ts';
import type { FormatStyle } from './format-style.ts';
import { isTypeBracket } from './spacing.ts';
import type { StatementToken } from './statement-tokens.ts';

/** A part of a statement that stands on one line, or is broken at all of its breaks. */
export interface LayoutBlock {
  /** Indexes of its first and last token. */
  readonly first: number;
  readonly last: number;
  /** Tokens that begin a line when the block is broken, with their indentation from where the block stands. */
  readonly breaks: ReadonlyMap<number, number>;
  /** Broken where the user has broken it at one of its breaks, though it would fit. */
  readonly keep?: boolean;
  /** Lines begin below the block's first token instead of below the line's. */
  readonly align?: boolean;
  /** Only the breaks whose next part does not fit become line breaks, of those after commas. */
  readonly fill?: boolean;
  /** One line is enough only up to this width. */
  readonly width?: number;
}

/** What there is to lay out in a statement besides its tokens. */
export interface StatementLayout {
  /** Outer ones before inner ones. */
  readonly blocks: readonly LayoutBlock[];
  /** Tokens before which a line break stays while the statement is on its first line. */
  readonly kept: ReadonlySet<number>;
  /** Blanks before tokens of broken lists that the user has put below each other. */
  readonly padding: ReadonlyMap<number, number>;
}

/** A query is written on one line up to this width, if its author has done so. */
const ONE_LINE_QUERY = 80;
const STEP = 2;
/** How far a comma that begins a line and its blank reach. */
const COMMA = 2;

const CLAUSES: ReadonlySet<string> = new Set([
  ...['FROM', 'WINDOW', 'WHERE', 'GROUP', 'PARTITION', 'HAVING', 'EMIT', 'LIMIT'],
]);
/** Lists of many short things, which are not worth a line each. */
const FILLED: ReadonlySet<string> = new Set(['InList', 'ArrayConstructor', 'InsertValues']);
/** Lists that stay broken where the user has broken them. */
const KEPT: ReadonlySet<string> = new Set(['CreateSource', 'AssertSource', 'Properties']);

/** Finds the places where a statement can be broken into lines. */
export function statementLayout(
  statement: ast.Statement,
  tokens: readonly StatementToken[],
  style: FormatStyle,
): StatementLayout {
  const finder = new BlockFinder(tokens, style);
  finder.add(statement);
  for (const node of AstUtils.streamAllContents(statement)) finder.add(node);
  const blocks = finder.blocks.toSorted((a, b) => a.first - b.first || b.last - a.last);
  return { blocks, kept: finder.kept, padding: finder.padding };
}

class BlockFinder {
  readonly blocks: LayoutBlock[] = [];
  readonly kept = new Set<number>();
  readonly padding = new Map<number, number>();
  readonly #tokens: readonly StatementToken[];
  readonly #style: FormatStyle;
  readonly #own = new Map<AstNode, number[]>();
  readonly #byStart = new Map<number, number>();
  readonly #byEnd = new Map<number, number>();

  constructor(tokens: readonly StatementToken[], style: FormatStyle) {
    this.#tokens = tokens;
    this.#style = style;
    tokens.forEach((token, i) => {
      const own = this.#own.get(token.owner);
      if (own === undefined) this.#own.set(token.owner, [i]);
      else own.push(i);
      this.#byStart.set(token.start, i);
      this.#byEnd.set(token.end, i);
    });
  }

  add(node: AstNode): void {
    this.#addBrackets(node);
    switch (node.$type) {
      case 'CreateAs':
      case 'CreateSource':
      case 'CreateConnector':
        this.#keepBefore(node, 'WITH');
        break;
      case 'Query':
        this.#addQuery(node as ast.Query);
        break;
      case 'Join':
        this.#addJoin(node);
        break;
      case 'InsertValues':
        this.#addIndented(this.#ownKeywords(node, ['VALUES']), node, true);
        break;
      case 'AlterSource':
        this.#addIndented(this.#firstOf((node as ast.AlterSource).changes), node, true);
        break;
      case 'GroupBy':
      case 'PartitionBy':
        this.#addIndented(this.#firstOf((node as ast.GroupBy | ast.PartitionBy).keys).slice(1), node, false);
        break;
      case 'CaseExpression':
        this.#addCase(node as ast.CaseExpression);
        break;
      case 'LogicalExpression':
      case 'BinaryExpression':
        // The operators begin the lines.
        this.#addIndented(this.#ownOf(node), node, node.$type === 'LogicalExpression');
        break;
    }
    if (node.$type === 'Properties') this.#alignColumns((node as ast.Properties).entries, '=');
    if (node.$type === 'CreateSource') this.#alignColumns((node as ast.CreateSource).elements);
  }

  #ownOf(node: AstNode): readonly number[] {
    return this.#own.get(node) ?? [];
  }

  /** LEFT, INNER … or JOIN itself. */
  #joinStart(node: AstNode): number {
    return this.#ownOf(node)[0]!;
  }

  #firstToken = (node: AstNode): number => this.#byStart.get(node.$cstNode!.offset)!;
  #lastToken = (node: AstNode): number => this.#byEnd.get(node.$cstNode!.end)!;

  #firstOf(nodes: readonly AstNode[]): number[] {
    return nodes.map(this.#firstToken);
  }

  #ownKeywords(node: AstNode, words: readonly string[]): number[] {
    return this.#ownOf(node).filter(
      (i) => this.#tokens[i]!.kind === 'keyword' && words.includes(this.#tokens[i]!.text.toUpperCase()),
    );
  }

  #addBlock(
    first: number,
    last: number,
    breaks: ReadonlyMap<number, number>,
    how: Omit<LayoutBlock, 'first' | 'last' | 'breaks'> = {},
  ): void {
    if (breaks.size > 0 || how.align) this.blocks.push({ first, last, breaks, ...how });
  }

  #addIndented(breaks: readonly number[], node: AstNode, keep: boolean, first = this.#firstToken(node)): void {
    this.#addBlock(first, this.#lastToken(node), new Map(breaks.map((i) => [i, STEP])), { keep });
  }

  #addJoin(node: AstNode): void {
    const breaks = new Map(this.#ownKeywords(node, ['WITHIN', 'ON']).map((i) => [i, STEP]));
    const how = this.#style.joinConditions === 'own-line' ? { width: 0 } : {};
    this.#addBlock(this.#joinStart(node), this.#lastToken(node), breaks, { keep: true, ...how });
  }

  #keepBefore(node: AstNode, word: string): void {
    for (const i of this.#ownKeywords(node, [word])) if (this.#tokens[i]!.afterLineBreak) this.kept.add(i);
  }

  /** Whatever a node has in brackets: one entry a line, the closing bracket on its own. */
  #addBrackets(node: AstNode): void {
    const how = { keep: KEPT.has(node.$type), fill: FILLED.has(node.$type) };
    let open: number | undefined;
    let breaks = new Map<number, number>();
    for (const i of this.#ownOf(node)) {
      const token = this.#tokens[i]!;
      if (token.kind !== 'symbol') continue;
      if (token.text === '(' || token.text === '[' || (token.text === '<' && isTypeBracket(token))) {
        open = i;
        breaks = new Map([[i + 1, STEP]]);
      } else if (open === undefined) {
      } else if (token.text === ',') {
        if (this.#style.commas === 'leading') breaks.set(i, 0);
        else breaks.set(i + 1, STEP);
      } else if (token.text === ')' || token.text === ']' || token.text === '>') {
        if (i > open + 1) this.#addBlock(open, i, breaks.set(i, 0), how);
        open = undefined;
      }
    }
  }

  /** Clauses begin lines; a query inside a statement is indented as a whole. */
  #addQuery(query: ast.Query): void {
    const start = this.#firstToken(query);
    const indent = query.$container.$type === 'StatementText' ? 0 : STEP;
    const clauses = this.#ownOf(query).filter(
      (i) => this.#tokens[i]!.kind === 'keyword' && CLAUSES.has(this.#tokens[i]!.text.toUpperCase()),
    );
    const breaks = new Map(clauses.map((i) => [i, indent]));
    if (start > 0) breaks.set(start, indent);
    for (let { from } = query; from.$type === 'Join'; from = (from as ast.Join).left)
      breaks.set(this.#joinStart(from), indent);
    this.#addBlock(0, this.#tokens.length - 1, breaks, { keep: true, width: ONE_LINE_QUERY });
    this.#addItems(query);
  }

  #addItems({ items }: ast.Query): void {
    const [first = 0, ...others] = this.#firstOf(items);
    const last = this.#lastToken(items.at(-1)!);
    const isLeading = this.#style.commas === 'leading';
    const breaks = new Map(others.map((i) => (isLeading ? [i - 1, -COMMA] : [i, 0])));
    if (others.length > 0 && this.#tokens[first]!.startsLine) {
      const indented = [...[...breaks].map(([i, indent]) => [i, STEP + indent] as const), [first, STEP] as const];
      this.#addBlock(first - 1, last, new Map(indented), { keep: true });
    } else this.#addBlock(first, last, breaks, { keep: true, align: true });
  }

  #addCase(node: ast.CaseExpression): void {
    const breaks = new Map(this.#firstOf(node.whens).map((i) => [i, STEP]));
    for (const i of this.#ownKeywords(node, ['ELSE'])) breaks.set(i, STEP);
    for (const i of this.#ownKeywords(node, ['END'])) breaks.set(i, 0);
    this.#addBlock(this.#firstToken(node), this.#lastToken(node), breaks, { keep: true });
  }

  /** Entries of a broken list keep their second column where they have one. */
  #alignColumns(entries: readonly AstNode[], symbol?: string): void {
    if (entries.length < 2) return;
    const seconds = entries.map((entry) => this.#firstToken(entry) + 1);
    const tokens = seconds.map((i) => this.#tokens[i]!);
    if (tokens.some(({ text, comments }) => comments.length > 0 || (symbol !== undefined && text !== symbol))) return;
    const names = seconds.map((i) => this.#tokens[i - 1]!);
    if (!names.every(({ startsLine }) => startsLine)) return;
    const columns = names.map((name, i) => this.#columnOf(name) + tokens[i]!.start - name.start);
    if (new Set(columns).size !== 1) return;
    const widest = Math.max(...names.map(({ text }) => text.length));
    names.forEach((name, i) => {
      this.padding.set(seconds[i]!, widest - name.text.length);
    });
  }

  #columnOf(token: StatementToken): number {
    const text = token.owner.$cstNode!.root.fullText;
    return token.start - text.lastIndexOf('\n', token.start) - 1;
  }
}
