import type { ResolvedColumn, Scope } from '../binding/scope.ts';
import { AnalysisError, type LocatedNode, rangeOf } from '../text/analysis-error.ts';
import type { QuickFix } from '../text/diagnostic.ts';
import { identifierText, stringText } from '../text/identifier-text.ts';
import { closest } from '../text/suggestions.ts';
import type { TextRange } from '../text/text-range.ts';
import type { Schema, Slot } from '../types/schema.ts';
import { BIGINT } from '../types/sql-type.ts';
import { aggregateSlot, windowEndSlot, windowStartSlot } from './aggregation.ts';
import { isWindowBound } from './column-names.ts';
import type { ColumnExpression, JoinTree, PlacedSource } from './join-planning.ts';

/** A column name as it is written. */
interface WrittenName {
  readonly qualifier: string | undefined;
  readonly name: string;
  readonly range: TextRange | undefined;
}

/** A resolved column of which the source is known, as of all but synthetic keys. */
type OwnedColumn = ResolvedColumn & { readonly source: string };

interface ScopeOptions {
  /** How messages call the place of the names: SELECT, WHERE, GROUP BY … */
  readonly clause: string;
  /** Whether WINDOWSTART and WINDOWEND of a windowed aggregation can be named. */
  readonly windowBounds: boolean;
  /** Whether printed references carry the alias of their source; they always do in joins. */
  readonly qualified: boolean;
}

/** Finds what names in expressions stand for, in the row of a FROM clause. */
export class RowScope implements Scope {
  readonly #tree: JoinTree;
  readonly #options: ScopeOptions;

  constructor(tree: JoinTree, options: Partial<ScopeOptions> = {}) {
    this.#tree = tree;
    this.#options = { clause: 'SELECT', windowBounds: false, qualified: tree.sources.length > 1, ...options };
  }

  /** The same row, named from another clause. */
  with(options: Partial<ScopeOptions>): RowScope {
    return new RowScope(this.#tree, { ...this.#options, ...options });
  }

  /** Slots of the row before grouping. */
  get width(): number {
    return this.#tree.relation.layout.length;
  }

  get sources(): readonly PlacedSource[] {
    return this.#tree.sources;
  }

  get schemas(): readonly Schema[] {
    return this.#tree.sources.map(({ source }) => source.schema);
  }

  get isJoin(): boolean {
    return this.#tree.sources.length > 1;
  }

  /** The slot of the n-th aggregate call. */
  aggregateSlot(call: number): number {
    return aggregateSlot(this.width, call);
  }

  /** Whether some source has the column, so that a lambda parameter of that name would hide it. */
  hasColumn(name: string): boolean {
    return this.sources.some(({ layout }) => layout.some((slot) => slot.name === name));
  }

  /** The left-most source's ROWTIME. */
  rowtime(): ResolvedColumn {
    const { alias, offset, layout } = this.sources[0]!;
    const at = layout.findIndex((slot) => slot.role === 'rowtime');
    return { index: offset + at, name: 'ROWTIME', type: BIGINT, source: alias, text: 'ROWTIME' };
  }

  /** @throws AnalysisError when no column, or more than one, has the name */
  resolve(name: string, qualifier: string | undefined, node: LocatedNode): ResolvedColumn {
    const ownQualifier = qualifier === undefined || qualifier === this.sources[0]!.alias;
    if (ownQualifier && this.#options.windowBounds && isWindowBound(name)) {
      const index = name === 'WINDOWSTART' ? windowStartSlot(this.width) : windowEndSlot(this.width);
      return { index, name, type: BIGINT, source: this.sources[0]!.alias };
    }
    const written = { name, qualifier, range: rangeOf(node) };
    const candidates = this.#candidates(written);
    if (candidates.length > 1)
      throw ambiguousColumn(
        name,
        candidates.map(({ source }) => source),
        written.range,
      );
    if (candidates[0]) return candidates[0];
    const synthetic = qualifier === undefined ? this.#syntheticKey(name) : undefined;
    if (synthetic) return synthetic;
    throw this.#unresolved(written);
  }

  /** Whether a name is the synthetic key of a join. */
  #syntheticKey(name: string): ResolvedColumn | undefined {
    const { relation, viableKeys } = this.#tree;
    if (relation.kind !== 'join' || viableKeys.length > 0) return undefined;
    const slot = relation.layout[relation.keySlot]!;
    return slot.name === name ? { index: relation.keySlot, name, type: slot.type } : undefined;
  }

  #candidates({ qualifier, name, range }: WrittenName): readonly OwnedColumn[] {
    const sources = qualifier === undefined ? this.sources : this.sources.filter(({ alias }) => alias === qualifier);
    if (sources.length === 0) throw this.#unknownQualifier(qualifier!, range);
    return sources.flatMap(({ alias, offset, layout }) => {
      const at = layout.findIndex((slot) => slot.name === name);
      const text = this.#options.qualified ? `${alias}.${name}` : name;
      return at < 0 ? [] : [{ index: offset + at, name, type: layout[at]!.type, source: alias, text }];
    });
  }

  #unknownQualifier(qualifier: string, range: TextRange | undefined): AnalysisError {
    const message = unknownQualifier(qualifier);
    const named = this.sources.find(({ source }) => source.name === qualifier);
    const suggestion =
      named?.alias ??
      closest(
        qualifier,
        this.sources.map(({ alias }) => alias),
      );
    const fixes: QuickFix[] = [];
    if (suggestion !== undefined && range) {
      const edit = {
        range: { start: range.start, end: range.start + qualifier.length },
        text: identifierText(suggestion),
      };
      fixes.push({ title: `Change to ${suggestion}`, edits: [edit] });
    }
    return new AnalysisError('unknown-qualifier', message, { range, fixes, subject: qualifier });
  }

  #unresolved({ qualifier, name, range }: WrittenName): AnalysisError {
    const written = qualifier === undefined ? name : `${qualifier}.${name}`;
    const known = this.sources.flatMap(({ alias, layout }) =>
      qualifier === undefined || qualifier === alias ? layout.map((slot) => slot.name) : [],
    );
    const suggestion = closest(name, known);
    const fixes: QuickFix[] = [];
    if (suggestion !== undefined && range) {
      const prefix = qualifier === undefined ? '' : `${identifierText(qualifier)}.`;
      fixes.push({ title: `Change to ${suggestion}`, edits: [{ range, text: prefix + identifierText(suggestion) }] });
    }
    // Only a name in quotes can have small letters; in most languages double quotes make a string.
    if (suggestion === undefined && qualifier === undefined && range && name !== name.toUpperCase())
      fixes.push({ title: `Make it the string ${stringText(name)}`, edits: [{ range, text: stringText(name) }] });
    const { clause } = this.#options;
    const input =
      clause === 'PARTITION BY'
        ? ` '${written}' must be a column in the source schema since PARTITION BY is applied on the input.`
        : '';
    const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
    return new AnalysisError('unknown-column', `${clause} column '${written}' cannot be resolved.${input}${hint}`, {
      range,
      fixes,
    });
  }
}

export const unknownQualifier = (qualifier: string): string =>
  `'${qualifier}' is not a valid stream/table name or alias.`;

/** The error of a column without a qualifier that several sources have. */
export function ambiguousColumn(name: string, sources: readonly string[], range: TextRange | undefined): AnalysisError {
  const choices = sources.map((source) => `${source}.${name}`).sort();
  const listed = `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
  const fixes = range
    ? sources.map((source) => ({
        title: `Change to ${source}.${name}`,
        edits: [{ range, text: `${identifierText(source)}.${identifierText(name)}` }],
      }))
    : [];
  return new AnalysisError('ambiguous-column', `Column '${name}' is ambiguous. Could be ${listed}.`, { range, fixes });
}

/** A reference to the slot at an index of a source, named as messages print it. */
export function slotReference(slot: Slot, index: number, source: string, qualified: boolean): ColumnExpression {
  const text = qualified ? `${source}.${slot.name}` : slot.name;
  return { kind: 'column', index, name: slot.name, source, type: slot.type, text };
}
