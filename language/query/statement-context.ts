import type { AstNode } from 'langium';
import type { FunctionCatalogue } from '../binding/bind-context.ts';
import type { Expression } from '../binding/expression.ts';
import { DIAGNOSTICS, type DiagnosticCode, stageOf } from '../diagnostics/diagnostic-codes.ts';
import type { Severity } from '../diagnostics/diagnostic-entry.ts';
import { FUNCTIONS } from '../functions/catalogue.ts';
import type { DataSource, Metastore } from '../metastore/metastore.ts';
import { isPlaceholder } from '../metastore/placeholder-source.ts';
import type { Dialect } from '../parser/parse-options.ts';
import type { ParsedStatement } from '../parser/parse-script.ts';
import { propertyRange } from '../parser/property-range.ts';
import { AnalysisError, type LocatedNode, rangeOf } from '../text/analysis-error.ts';
import type { Diagnostic, QuickFix, TextEdit } from '../text/diagnostic.ts';
import { identifierText } from '../text/identifier-text.ts';
import { closest, sourceHint } from '../text/suggestions.ts';
import type { TextRange } from '../text/text-range.ts';

/** What a statement is analysed with besides the metastore. */
export interface AnalysisSettings {
  readonly dialect: Dialect;
  /** Server settings and what SET has changed, by full name; absent names have their defaults. */
  readonly properties: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, string>;
  /** No server is connected: a source that is not known may well exist, so that is a warning. */
  readonly offline?: boolean;
  /** Which queries run is not known: a lock stands for the server. */
  readonly queriesUnknown?: boolean;
  /** The statements of the same script that make sources, by the source's name: fixes may belong there. */
  readonly declarations?: ReadonlyMap<string, ParsedStatement>;
  /**
   * Hears of a defect: the analysis of a statement threw what it never should. The statement is then taken for one
   * without a meaning; without a listener the error passes through.
   */
  readonly onDefect?: (error: unknown) => void;
}

/** What the expressions of a statement's syntax tree mean, by their nodes. */
export type ExpressionTable = Map<object, Expression>;

/** What fixes put in that is no name. */
const KEYWORDS_IN_FIXES: ReadonlySet<string> = new Set(['STREAM', 'TABLE', 'KEY']);

/** One statement while it is analysed: what it may refer to, and where its diagnostics go. */
export class StatementContext {
  readonly metastore: Metastore;
  readonly settings: AnalysisSettings;
  readonly statement: ParsedStatement;
  readonly expressions: ExpressionTable;
  readonly diagnostics: Diagnostic[] = [];

  constructor(
    statement: ParsedStatement,
    metastore: Metastore,
    settings: AnalysisSettings,
    expressions: ExpressionTable,
  ) {
    this.statement = statement;
    this.metastore = metastore;
    this.settings = settings;
    this.expressions = expressions;
  }

  /** The functions that can be called: the user's own first. */
  get functions(): FunctionCatalogue {
    const own = this.metastore.functions;
    return {
      get: (name) => own?.get(name) ?? FUNCTIONS.get(name),
      names: () => [...(own?.keys() ?? []), ...FUNCTIONS.keys()],
    };
  }

  /** How many errors have been reported so far. */
  get errorCount(): number {
    return this.diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  }

  /** Whether an error has been reported so far. */
  get failed(): boolean {
    return this.errorCount > 0;
  }

  /** The source of that name, unless it only stands for a CREATE that could not be understood. */
  existing(name: string): DataSource | undefined {
    const source = this.metastore.sources.get(name);
    return source && !isPlaceholder(source) ? source : undefined;
  }

  /** The value of a server setting, or undefined for one that has no value. */
  property(name: string): string | undefined {
    return this.settings.properties.get(name);
  }

  /** Whether a server setting that is on by default is on. */
  isEnabled(name: string): boolean {
    return this.property(name)?.toLowerCase() !== 'false';
  }

  /** The range of the first keyword, to underline when nothing better is at hand. */
  get statementRange(): TextRange {
    const length = /^\S+/.exec(this.statement.text)?.[0].length ?? this.statement.text.length;
    return { start: 0, end: length };
  }

  /** Where a node stands in the statement. */
  rangeOf(node: LocatedNode | undefined): TextRange {
    return rangeOf(node) ?? this.statementRange;
  }

  /** Where a property of a node stands in the statement, such as its name. */
  rangeOfProperty(node: AstNode, property: string): TextRange {
    return propertyRange(node, property) ?? this.statementRange;
  }

  /**
   * Reports something about a range of the statement; the range is moved to the script's own offsets. How bad it is the
   * table of codes says.
   */
  report(code: DiagnosticCode, message: string, range: TextRange | undefined, more: Partial<Diagnostic> = {}): void {
    const { severity, offlineSeverity } = DIAGNOSTICS[code];
    this.#add(code, (this.settings.offline ? offlineSeverity : undefined) ?? severity, message, range, more);
  }

  #add(
    code: DiagnosticCode,
    severity: Severity,
    message: string,
    range: TextRange | undefined,
    more: Partial<Diagnostic>,
  ): void {
    const { offset, index } = this.statement;
    const move = (r: TextRange): TextRange => ({ start: r.start + offset, end: r.end + offset });
    const fixes = (more.fixes ?? []).map(
      (fix): QuickFix => ({
        ...fix,
        edits: fix.edits.map((edit) => ({ range: move(edit.range), text: this.#inWrittenCase(edit) })),
      }),
    );
    this.diagnostics.push({
      ...more,
      code,
      severity,
      message,
      range: move(range ?? this.statementRange),
      statement: index,
      fixes,
    });
  }

  /**
   * Names are put in as the text around them is written: in lower case where what they replace, or stand before, is.
   */
  #inWrittenCase({ range, text }: TextEdit): string {
    if (!/^[A-Z0-9_.]+(, )?$/.test(text) || KEYWORDS_IN_FIXES.has(text)) return text;
    const { text: statement } = this.statement;
    const replaced = statement.slice(range.start, range.end);
    const written = replaced === '' ? (/^[\w.]+/.exec(statement.slice(range.start))?.[0] ?? '') : replaced;
    return /[a-z]/.test(written) && written === written.toLowerCase() ? text.toLowerCase() : text;
  }

  /** Reports an error thrown by the analysis; anything else thrown is a defect and passes through. */
  reportError(error: unknown): void {
    if (!(error instanceof AnalysisError)) throw error;
    const { code, explanation, fixes, stage } = error;
    this.#add(code, 'error', error.message, error.range, {
      fixes,
      explanation,
      ...(stage === stageOf(code) ? {} : { stage }),
    });
  }

  /** Runs part of the analysis; an error becomes a diagnostic, and the result undefined. */
  attempt<T>(part: () => T): T | undefined {
    try {
      return part();
    } catch (error) {
      this.reportError(error);
      return undefined;
    }
  }

  /**
   * The source of that name. Without a connection an unknown one is only a warning: the result is undefined then, and
   * what depends on it is not checked further.
   *
   * @param place the property of a node that holds the name
   * @param message how to say that it does not exist; the hint about similar names is added
   * @throws AnalysisError when it does not exist and a server is connected
   */
  findSource(name: string, { node, property }: NamedPlace, message: string): DataSource | undefined {
    const source = this.metastore.sources.get(name);
    if (source) return source;
    const names = [...this.metastore.sources.keys()];
    const suggestion = closest(name, names);
    const range = this.rangeOfProperty(node, property);
    const fixes = suggestion === undefined ? [] : [changeTo(suggestion, range)];
    if (!this.settings.offline) {
      throw new AnalysisError('unknown-source', message + sourceHint(name, names), { range, fixes });
    }
    this.report('unknown-source', message + sourceHint(name, names), range, { fixes });
    return undefined;
  }
}

/** A property of a syntax node that holds a name. */
export interface NamedPlace {
  readonly node: AstNode;
  readonly property: string;
}

const changeTo = (name: string, range: TextRange): QuickFix => ({
  title: `Change to ${name}`,
  edits: [{ range, text: identifierText(name) }],
});
