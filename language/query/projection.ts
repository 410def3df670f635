import type { Expression } from '../binding/expression.ts';
import { sameExpression } from '../binding/expression-tree.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { QuickFix } from '../text/diagnostic.ts';
import type { TextRange } from '../text/text-range.ts';
import type { Column } from '../types/schema.ts';
import { backQuoted, typeToString } from '../types/sql-type.ts';
import type { OutputColumn, QueryKind, SelectItem } from './analyzed.ts';
import { isSystemColumn, isWindowBound } from './column-names.ts';

/** One part of the key of the result. */
export interface KeyPart {
  /** What a select item may be to stand for this part; several for joins, any one of which will do. */
  readonly matches: readonly Expression[];
  /** How the message about a missing key speaks of it, one text per match. */
  readonly texts: readonly string[];
  /** Where the value of the part is found in the row before the projection. */
  readonly slot: Expression;
  /** The column's name where the projection gives none. */
  readonly name: string;
}

/** The key of the result and what to call its parts in messages. */
export interface ResultKey {
  readonly term: 'key column' | 'grouping expression' | 'partitioning expression' | 'join expression';
  readonly parts: readonly KeyPart[];
  /** The key of a join that no column stands for. */
  readonly synthetic?: boolean;
  /** A foreign-key join: the alias of its left table, whose primary key this is. */
  readonly foreignKeyTable?: string;
}

export interface ProjectionRequest {
  readonly kind: QueryKind;
  readonly items: readonly SelectItem[];
  readonly key: ResultKey;
  /** For messages: the name of the sink of a persistent query. */
  readonly sinkName: string;
  /** Where the list of select items stands, for messages and for the fix that adds a missing key. */
  readonly range: TextRange;
  /** Dialect 2018: keys that are not selected are carried along. */
  readonly implicitKeys: boolean;
}

/** The columns of a result, in the order of its schema. */
export interface Projection {
  readonly columns: readonly OutputColumn[];
  readonly schema: readonly Column[];
}

/**
 * Decides which select items are the key of the result and lays out its columns: of a persistent query keys first, in
 * the order of the key; of push and pull queries as they were selected.
 *
 * @throws AnalysisError when the key is not selected, or twice, when there is no value, or names clash
 */
export function projectColumns(request: ProjectionRequest): Projection {
  return request.kind === 'persistent' ? projectForSink(request) : projectInOrder(request);
}

function projectForSink(request: ProjectionRequest): Projection {
  const items = request.items.filter((item) => !(item.fromStar && isWindowBound(item.name)));
  checkReservedNames(items, request.key);
  const keyItems = matchKeys({ ...request, items });
  const keys = request.key.parts.map((part, keyIndex): OutputColumn => {
    const selected = keyItems[keyIndex];
    const column = { name: selected?.name ?? part.name, type: part.slot.type, keyIndex, expression: part.slot };
    return selected === undefined ? column : { ...column, selected };
  });
  const values = items
    .filter((item) => !keyItems.includes(item))
    .map((selected): OutputColumn => valueColumn(selected));
  checkNames(keys, values, request);
  return toProjection([...keys, ...values]);
}

/** Push and pull queries: as selected, but several key columns keep the key's order among their places. */
function projectInOrder(request: ProjectionRequest): Projection {
  const keyOf = new Map<SelectItem, number>();
  request.key.parts.forEach((part, keyIndex) => {
    const item = request.items.find((candidate) => !keyOf.has(candidate) && isPart(candidate, part));
    if (item) keyOf.set(item, keyIndex);
  });
  const ordered = [...keyOf].sort(([, a], [, b]) => a - b).map(([item]) => item);
  const items = request.items.map((item) => (keyOf.has(item) ? ordered.shift()! : item));
  const columns = items.map((item): OutputColumn => {
    const keyIndex = keyOf.get(item);
    if (keyIndex === undefined) return valueColumn(item);
    const { slot } = request.key.parts[keyIndex]!;
    return { name: item.name, type: slot.type, keyIndex, expression: slot, selected: item };
  });
  const duplicate = firstDuplicate(columns);
  if (duplicate) throw duplicateColumn(duplicate, request);
  return toProjection(columns);
}

const valueColumn = (selected: SelectItem): OutputColumn => {
  const { name, expression } = selected;
  return { name, type: expression.type, expression, selected };
};

function toProjection(columns: readonly OutputColumn[]): Projection {
  const schema = columns.map(
    ({ name, type, keyIndex }): Column => ({ name, type, namespace: keyIndex === undefined ? 'value' : 'key' }),
  );
  return { columns, schema };
}

function isPart(item: SelectItem, part: KeyPart): boolean {
  return part.matches.some((match) => sameExpression(match, item.expression));
}

/** The select item of each part of the key; of a join's key, the one that comes first among the join's columns. */
function matchKeys(request: ProjectionRequest): readonly (SelectItem | undefined)[] {
  const { key, items } = request;
  const found = key.parts.map((part) => {
    for (const match of part.matches) {
      const matching = items.filter((item) => sameExpression(match, item.expression));
      if (matching.length > 1) throw keyTwice(part, matching, request);
      if (matching[0]) return matching[0];
    }
    return undefined;
  });
  const missing = key.parts.filter((_, i) => found[i] === undefined);
  if (missing.length > 0 && !request.implicitKeys) throw keyMissing(missing, request);
  return found;
}

function keyTwice(part: KeyPart, items: readonly SelectItem[], request: ProjectionRequest): AnalysisError {
  const advice =
    '\nEach key column must only be in the projection once. If you intended to copy the key into the value, ' +
    'then consider using the `AS_VALUE` function to indicate which key reference should be copied.';
  const message =
    request.key.term === 'grouping expression'
      ? `The projection contains a key column more than once: ${items.map(({ name }) => backQuoted(name)).join(' and ')}.`
      : `The projection contains a key column (${backQuoted(part.name)}) more than once, aliased as: ` +
        `${items
          .map(({ name }) => name)
          .sort()
          .join(' and ')}.`;
  return new AnalysisError('key-selected-twice', message + advice, { range: items[1]!.range });
}

function keyMissing(missing: readonly KeyPart[], request: ProjectionRequest): AnalysisError {
  const { key, sinkName, range } = request;
  if (key.foreignKeyTable !== undefined) return foreignKeyMissing(missing, key.foreignKeyTable, range);
  const named = key.term === 'grouping expression' ? missing : key.parts;
  const alternatives = named.length === 1 ? named[0]!.texts : named.map((part) => part.texts[0]!);
  const joiner = named.length === 1 ? ' or ' : ' and ';
  const listed =
    alternatives.length === 1
      ? alternatives[0]!
      : `${alternatives.slice(0, -1).join(', ')}${joiner}${alternatives.at(-1)}`;
  const example = named.map((part) => part.texts[0]!).join(', ');
  const message =
    `${named.length > 1 ? 'Keys' : 'Key'} missing from projection (ie, SELECT). ` +
    `${key.synthetic ? 'See https://cnfl.io/2LV7ouS.' : ''}\n` +
    `The query used to build ${backQuoted(sinkName)} must include the ${key.term}${alternatives.length > 1 ? 's' : ''} ` +
    `${listed} in its projection (eg, SELECT ${example}...).` +
    (key.synthetic
      ? `\n${example} was added as a synthetic key column because the join criteria did not match any source column. ` +
        'This expression must be included in the projection and may be aliased.'
      : '');
  const wanted = missing.map((part) => part.texts[0]!).join(', ');
  return new AnalysisError('key-missing', message, { range, fixes: [addToProjection(wanted, range)] });
}

function foreignKeyMissing(missing: readonly KeyPart[], table: string, range: TextRange): AnalysisError {
  const names = missing.map((part) => backQuoted(part.texts[0]!)).join(', ');
  const message =
    'Primary key column missing in projection. For foreign-key table-table joins, the projection must include all primary ' +
    `key columns from the left input table (${backQuoted(table)}). Missing column${missing.length > 1 ? 's' : ''}: ${names}.`;
  const wanted = missing.map((part) => `${table}.${part.texts[0]!}`).join(', ');
  return new AnalysisError('key-missing', message, { range, fixes: [addToProjection(wanted, range)] });
}

function addToProjection(text: string, range: TextRange): QuickFix {
  return {
    title: `Add ${text} to the projection`,
    edits: [{ range: { start: range.start, end: range.start }, text: `${text}, ` }],
  };
}

/** System columns need a name of their own in a sink, and no other column may take theirs. */
function checkReservedNames(items: readonly SelectItem[], key: ResultKey): void {
  for (const item of items) {
    if (!isSystemColumn(item.name)) continue;
    const isKey = key.parts.some((part) => isPart(item, part));
    if (item.fromStar && isKey) continue;
    if (item.aliased && !(item.expression.kind === 'column' && item.expression.name === item.name)) {
      const message = `${backQuoted(item.name)} is a reserved column name. You cannot use it as an alias for a column.`;
      throw new AnalysisError('reserved-alias', message, { range: item.range });
    }
    const message = `Reserved column name in select: ${backQuoted(item.name)}. Please remove or alias the column.`;
    throw new AnalysisError('reserved-column', message, { range: item.range });
  }
}

function checkNames(keys: readonly OutputColumn[], values: readonly OutputColumn[], request: ProjectionRequest): void {
  if (values.length === 0) {
    throw new AnalysisError('no-value-columns', 'The projection contains no value columns.', { range: request.range });
  }
  const duplicate = firstDuplicate(values);
  if (duplicate) throw duplicateColumn(duplicate, request);
  const keyNames = new Set(keys.map(({ name }) => name));
  const clash = values.find(({ name }) => keyNames.has(name));
  if (clash && request.key.term === 'grouping expression') throw duplicateColumn(clash, request);
  if (clash) {
    const message = `Value columns clash with key columns: ${backQuoted(clash.name)}`;
    throw new AnalysisError('duplicate-column', message, { range: rangeOfLast(clash.name, request) });
  }
  if (new Set(keys.map(({ name }) => name)).size < keys.length) {
    throw new AnalysisError('duplicate-column', 'Duplicate key columns found in schema', { range: request.range });
  }
}

function firstDuplicate(columns: readonly OutputColumn[]): OutputColumn | undefined {
  const seen = new Set<string>();
  for (const column of columns) {
    if (seen.has(column.name)) return column;
    seen.add(column.name);
  }
  return undefined;
}

function duplicateColumn({ name, type }: OutputColumn, request: ProjectionRequest): AnalysisError {
  const message = `Duplicate value columns found in schema: ${backQuoted(name)} ${typeToString(type)}`;
  return new AnalysisError('duplicate-column', message, { range: rangeOfLast(name, request) });
}

const rangeOfLast = (name: string, request: ProjectionRequest): TextRange =>
  request.items.findLast((item) => item.name === name)?.range ?? request.range;
