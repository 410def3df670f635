import type { Expression } from '../../../language/binding/expression.ts';
import type { DataSource } from '../../../language/metastore/metastore.ts';
import { keyColumns } from '../../../language/types/schema.ts';
import { type SqlValue, sameType } from '../../../language/types/sql-type.ts';
import { compileExpression, compilePredicate, compileProjection } from '../../compile/expression.ts';
import type { Row } from '../../operators/operator.ts';
import type { Decoder, SerdeContext } from '../../serde/encoding/serde.ts';
import { FORM, formOf } from '../../serde/json/canonical.ts';
import { CHECK } from '../../serde/json/template.ts';
import { jsonFields } from '../../serde/json/writer.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { RecordDecodersOptions } from '../records/record-decoders.ts';
import type { RecordWriter } from '../records/record-writer.ts';
import type { RowEncoder } from '../records/row-encoder.ts';
import { type BlockField, ResultBlock } from './block/result-block.ts';
import { TokenBlock } from './block/token-block.ts';
import { KeyIndex } from './key-index.ts';
import { CopiedKey, EncodedKey, type KeyPassage, MadeKey, plainKeyType } from './key-passage.ts';
import { EncodedOutput, JsonOutput, type OutputField, passOn, type RowOutput } from './row-output.ts';
import { isJsonObject, readsKey, type SourceParts, SourceRow, slotsOf, sourceParts } from './source-row.ts';
import type { StraightJoin, StraightPlan } from './straight-plan.ts';
import { StraightQuery } from './straight-query.ts';
import { JoinByRecordKey, JoinByValue, type JoinedSlots, type TableJoin } from './table-join.ts';
import { type MakePiece, TextPieces } from './text-pieces.ts';
import { JsonValues } from './values.ts';

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
  const { plan, source, encoder, writer, onWritten } = options;
  const parts = await sourceParts(options, (plan.join?.node ?? plan.source).layout.length);
  const { row, values, decoders, onError } = parts;
  const { output, made, fields } = outputOf(plan.columns, parts, encoder);
  const byKey = plan.join === undefined ? undefined : keysOf(plan.join, source);
  const joinKey = plan.join === undefined || byKey !== undefined ? [] : [plan.join.node.relation.leftKey];
  const read = {
    first: slotsOf([...plan.predicates, ...joinKey]),
    then: slotsOf([...(plan.join?.predicates ?? []), ...(plan.keys ?? []), ...made]),
  };
  const width = keyColumns(source.schema).length;
  const madeKey = joinKey.length > 0 || plan.keys !== undefined ? new MadeKey(decoders.key, encoder, width) : undefined;
  const key = madeKey ?? keyPassage(source, encoder, decoders.key, readsKey(parts, read));
  return new StraightQuery(
    {
      source: new SourceRow(parts, key, plan.predicates, read),
      key,
      join: plan.join && {
        table: tableJoin(plan.join, joinedSlots(plan.join, row, read.then), options.open, byKey ?? madeKey!, onError),
        predicates: plan.join.predicates.map((predicate) => compilePredicate(predicate, onError)),
      },
      newKey: plan.keys && newKey(plan.keys, madeKey!, onError),
      output,
      results: fields && values instanceof JsonValues ? resultsOf(fields, values, writer) : undefined,
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

/** The keys of a join by the key of the stream's records, where their bytes are enough. */
function keysOf({ node }: StraightJoin, source: DataSource): KeyIndex | undefined {
  const { leftKey } = node.relation;
  const isKey = leftKey.kind === 'column' && node.layout[leftKey.index]?.role === 'key';
  return isKey && plainKeyType(source) !== undefined ? KeyIndex.of(leftKey.type) : undefined;
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
  { values, failures, onError }: SourceParts,
  encoder: RowEncoder,
): OutputParts {
  const { valueContext } = encoder;
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
  const isCopied = !isRead && plainKeyType(encoder.source) !== undefined;
  const type = isCopied ? plainKeyType(source) : undefined;
  return (type && CopiedKey.of(type)) ?? new EncodedKey(decoder, encoder, keyColumns(source.schema).length);
}
