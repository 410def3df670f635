import type { Expression } from '../../../language/binding/expression.ts';
import type { DataSource } from '../../../language/metastore/metastore.ts';
import { keyColumns } from '../../../language/types/schema.ts';
import { type SqlValue, sameType } from '../../../language/types/sql-type.ts';
import { compileExpression, compilePredicate, compileProjection } from '../../compile/expression.ts';
import type { Row } from '../../operators/operator.ts';
import { markColumns } from '../../plan/column-usage.ts';
import type { Decoder, SerdeContext } from '../../serde/encoding/serde.ts';
import { isUnwrapped } from '../../serde/encoding/single-column.ts';
import { FORM, formOf } from '../../serde/json/canonical.ts';
import { CHECK } from '../../serde/json/template.ts';
import { JsonTokens } from '../../serde/json/tokens.ts';
import { jsonFields } from '../../serde/json/writer.ts';
import type { StateStore } from '../../state/state-store.ts';
import { decoderContexts, decodersOf, type RecordDecodersOptions } from '../records/record-decoders.ts';
import type { RecordWriter } from '../records/record-writer.ts';
import type { RowEncoder } from '../records/row-encoder.ts';
import { RowSlots } from '../records/row-slots.ts';
import { type BlockField, ResultBlock } from './block/result-block.ts';
import { TokenBlock } from './block/token-block.ts';
import { KeyIndex } from './key-index.ts';
import { CopiedKey, EncodedKey, type KeyPassage, MadeKey } from './key-passage.ts';
import { EncodedOutput, JsonOutput, type OutputField, passOn, type RowOutput } from './row-output.ts';
import type { StraightJoin, StraightPlan } from './straight-plan.ts';
import { StraightQuery } from './straight-query.ts';
import { JoinByRecordKey, JoinByValue, type JoinedSlots, type TableJoin } from './table-join.ts';
import { type MakePiece, TextPieces } from './text-pieces.ts';
import { DecodedValues, JsonValues, type Values } from './values.ts';

export interface StraightQueryOptions extends RecordDecodersOptions {
  readonly plan: StraightPlan;
  readonly encoder: RowEncoder;
  readonly writer: RecordWriter;
  readonly onWritten: (count: number) => void;
  /** Opens the store of a table. */
  readonly open: (store: string) => StateStore;
}

/** The short way of a straight plan. @throws SerdeError when a format cannot carry the source's schema */
export async function makeStraightQuery(options: StraightQueryOptions): Promise<StraightQuery> {
  const { plan, layout, source, encoder, writer, onWritten } = options;
  const contexts = decoderContexts(options);
  const decoders = await decodersOf(source, contexts);
  const row = new Array<SqlValue>((plan.join?.node ?? plan.source).layout.length).fill(null);
  const values = valuesOf(contexts.value, decoders.value, row);
  const failures = { any: false };
  const onError = errorsTo(failures);
  const { output, made, fields } = outputOf(plan.columns, values, encoder, failures);
  const byKey = plan.join === undefined ? undefined : keysOf(plan.join, source);
  const joinKey = plan.join === undefined || byKey !== undefined ? [] : [plan.join.node.relation.leftKey];
  const first = slotsOf([...plan.predicates, ...joinKey]);
  const then = slotsOf([...(plan.join?.predicates ?? []), ...(plan.keys ?? []), ...made]);
  const besides = [...first, ...then].some((slot) => slot < layout.length && layout[slot]!.role !== 'value');
  const width = keyColumns(source.schema).length;
  const madeKey = joinKey.length > 0 || plan.keys !== undefined ? new MadeKey(decoders.key, encoder, width) : undefined;
  return new StraightQuery(
    {
      row,
      values,
      key: madeKey ?? keyPassage(source, encoder, decoders.key, besides),
      slots: besides ? new RowSlots(layout) : undefined,
      predicates: plan.predicates.map((predicate) => compilePredicate(predicate, onError)),
      join: plan.join && {
        table: tableJoin(plan.join, joinedSlots(plan.join, row, then), options.open, byKey ?? madeKey!, onError),
        predicates: plan.join.predicates.map((predicate) => compilePredicate(predicate, onError)),
      },
      newKey: plan.keys && newKey(plan.keys, madeKey!, onError),
      read: { first: values.wanted(first), then: values.wanted([...then].filter((slot) => !first.has(slot))) },
      output,
      results: fields && values instanceof JsonValues ? resultsOf(fields, values, writer) : undefined,
      failures,
    },
    writer,
    onWritten,
  );
}

/** Makes the key of a result of a row. */
function newKey(keys: readonly Expression[], key: MadeKey, onError: () => void): (row: Row) => void {
  const parts = keys.map((part) => compileExpression(part, onError));
  return (row) => key.make(parts.length === 0 ? null : parts.map((part) => part(row) ?? null));
}

/** Whether an expression has failed. */
interface Failures {
  any: boolean;
}

const errorsTo = (failures: Failures) => (): void => {
  failures.any = true;
};

/** The keys of a join by the key of the stream's records, where their bytes are enough. */
function keysOf({ node }: StraightJoin, { schema, keyFormat }: DataSource): KeyIndex | undefined {
  const { leftKey } = node.relation;
  const isKey = leftKey.kind === 'column' && node.layout[leftKey.index]?.role === 'key';
  if (!isKey || keyColumns(schema).length !== 1 || keyFormat.name !== 'KAFKA') return undefined;
  return KeyIndex.of(leftKey.type);
}

function joinedSlots({ node }: StraightJoin, row: SqlValue[], read: ReadonlySet<number>): JoinedSlots {
  const [before, behind] = [node.left.layout.length, node.left.layout.length + node.right.layout.length];
  const to = [...read].filter((slot) => slot >= before && slot < behind);
  return {
    row,
    to,
    from: to.map((slot) => slot - before),
    key: read.has(behind) ? behind : -1,
    isLeft: node.relation.type === 'LEFT',
  };
}

function tableJoin(
  { node, store }: StraightJoin,
  slots: JoinedSlots,
  open: StraightQueryOptions['open'],
  key: KeyIndex | MadeKey,
  onError: () => void,
): TableJoin {
  if (key instanceof KeyIndex) return new JoinByRecordKey(slots, open(store), key);
  return new JoinByValue(slots, open(store), compileExpression(node.relation.leftKey, onError), key);
}

/** The slots of the row that expressions read. */
export function slotsOf(expressions: readonly Expression[]): Set<number> {
  const slots = new Set<number>();
  for (const expression of expressions) markColumns(expression, slots);
  return slots;
}

/** Whether a context is of objects in plain JSON. */
export const isJsonObject = (context: SerdeContext): boolean =>
  context.format.name === 'JSON' && context.columns.length > 0 && !isUnwrapped(context);

/** What gives the values of records: of plain JSON by its tokens, of other formats all at once. */
export function valuesOf(context: SerdeContext, decoder: Decoder, row: SqlValue[]): Values {
  if (!isJsonObject(context)) return new DecodedValues(decoder, row);
  const columns = context.columns.map(({ needed, ...column }) => ({ ...column, build: needed !== false }));
  return new JsonValues(new JsonTokens(columns), row, new Map(columns.map(({ slot }, column) => [slot, column])));
}

interface OutputParts {
  readonly output: RowOutput;
  /** The expressions that it evaluates. */
  readonly made: readonly Expression[];
  /** Of an object of tokens. */
  readonly fields?: readonly OutputField[];
}

/** What writes results. */
function outputOf(
  columns: readonly Expression[],
  values: Values,
  encoder: RowEncoder,
  failures: Failures,
): OutputParts {
  const { valueContext } = encoder;
  const onError = errorsTo(failures);
  if (!(values instanceof JsonValues) || !isJsonObject(valueContext))
    return { output: new EncodedOutput(compileProjection(columns, onError), encoder), made: columns };
  const { prefixes, writers } = jsonFields(valueContext.columns);
  const made: Expression[] = [];
  const fields = columns.map((expression, i): OutputField => {
    const writeValue = writers[i]!;
    const column = passedOn(expression, values, valueContext.columns[i]!);
    if (column !== undefined)
      return { prefix: prefixes[i]!, writeValue, column, form: formOf(expression.type), make: () => false };
    const evaluate = compileExpression(expression, onError);
    const make: MakePiece = (row, writer) => {
      writeValue(writer, evaluate(row) ?? null);
      return !failures.any;
    };
    const ofText = textPieces(expression, values, make);
    if (ofText === undefined) made.push(expression);
    return { prefix: prefixes[i]!, writeValue, column: -1, form: FORM.never, make: ofText ?? make };
  });
  return { output: new JsonOutput(values.tokens, fields), made, fields };
}

/** What makes a piece of the text of one column, which it reads by itself; undefined for what is made of more. */
function textPieces(expression: Expression, values: JsonValues, make: MakePiece): MakePiece | undefined {
  const slots = slotsOf([expression]);
  const wanted = values.wanted(slots);
  const { tokens } = values;
  const [column] = wanted.columns;
  if (slots.size !== 1 || column === undefined || tokens.checks[column] !== CHECK.text) return undefined;
  return new TextPieces(tokens, column, (row, writer) => values.read(wanted) && make(row, writer)).write;
}

/** What writes the results of records together that are read in blocks. */
function resultsOf(fields: readonly OutputField[], values: JsonValues, writer: RecordWriter): ResultBlock | undefined {
  const { tokens } = values;
  const forms = new Uint8Array(tokens.checks.length);
  const blockFields = fields.map((field): BlockField => {
    const { prefix, column, form, make } = field;
    if (column >= 0 && (form === FORM.double || form === FORM.never))
      return { prefix, column: -1, make: (_, to) => passOn(tokens, field, to) };
    if (column >= 0) forms[column] = form;
    return { prefix, column, make };
  });
  values.block = new TokenBlock(tokens, { forms, made: blockFields.filter(({ column }) => column < 0).length });
  return ResultBlock.of(values.block, blockFields, writer);
}

/** The column of the tokens that an expression only passes on. */
function passedOn(
  expression: Expression,
  values: JsonValues,
  { type }: SerdeContext['columns'][number],
): number | undefined {
  if (expression.kind !== 'column' || !sameType(expression.type, type)) return undefined;
  return values.wanted([expression.index]).columns[0];
}

/** @param isRead whether an expression may read the key's values */
function keyPassage(source: DataSource, encoder: RowEncoder, decoder: Decoder, isRead: boolean): KeyPassage {
  const columns = keyColumns(source.schema);
  const [column] = columns;
  const isCopied =
    !isRead &&
    columns.length === 1 &&
    keyColumns(encoder.source.schema).length === 1 &&
    source.keyFormat.name === 'KAFKA' &&
    encoder.source.keyFormat.name === 'KAFKA';
  return (isCopied ? CopiedKey.of(column!.type) : undefined) ?? new EncodedKey(decoder, encoder, columns.length);
}
