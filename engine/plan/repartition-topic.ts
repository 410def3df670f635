import type { DataSource, FormatInfo } from '../../language/metastore/metastore.ts';
import { formatProblem, keyFormatFor, supportsWrapping } from '../../language/settings/formats.ts';
import type { Column, Slot } from '../../language/types/schema.ts';
import type { RepartitionNode, SourceNode } from './logical-plan.ts';

/** A topic between two sub-topologies, where rows are spread by another key. */
export interface RepartitionTopic {
  /** Without the application id: `Aggregate-GroupBy-repartition`. */
  readonly name: string;
  /**
   * The topic as a source: its key and value formats and columns as ksqlDB writes them. Its `topic` is the application
   * id, a dash and the name. It is a stream, also where the changes of a table travel: nobody reads them twice.
   */
  readonly source: DataSource;
  /** A change of a table travels with its old row and its new one (Kafka Streams' ChangedSerializer). */
  readonly carriesOldRows: boolean;
  /** How its records become rows of the sub-topology that reads it. */
  readonly row: RepartitionedRow;
}

/** Where in a row stands what a record of a repartition topic holds. */
export interface RepartitionedRow {
  /** The slots of the value columns, in their order; undefined for one that no step reads. */
  readonly valueSlots: readonly (number | undefined)[];
  /** The slot of the first key column; the others follow it. */
  readonly keySlot: number;
  /** Slots that hold what others do: a join names its key after a column of a side. */
  readonly copies: readonly { readonly from: number; readonly to: number }[];
}

/** What stands on both sides of a topic: the last step before it, whose input is not cut yet, and its source. */
export interface Passage {
  readonly topic: RepartitionTopic;
  readonly repartition: RepartitionNode;
  readonly source: SourceNode;
}

export interface PassageOptions extends Omit<RepartitionTopic, 'source'> {
  readonly applicationId: string;
  /** The step that the processing log is told of, where records cannot be written or read. */
  readonly step: string;
  /** The formats of the source that the rows come from; that of the keys as they are before the topic. */
  readonly formats: Pick<DataSource, 'keyFormat' | 'valueFormat'>;
  /** The names of the key columns; their types are those of the key expressions. */
  readonly keyNames: readonly string[];
  readonly repartition: Pick<RepartitionNode, 'context' | 'input' | 'keys' | 'columns' | 'isGrouping'>;
  /** The row behind the topic, and which of its slots a step reads. */
  readonly layout: readonly Slot[];
  readonly needed: readonly boolean[];
}

/** Puts a topic between two steps. */
export function passageThrough(options: PassageOptions): Passage {
  const { name, applicationId, step, formats, keyNames, repartition, layout, needed, carriesOldRows, row } = options;
  const keys = repartition.keys.map(({ type }, i): Column => ({ name: keyNames[i]!, type, namespace: 'key' }));
  const values = repartition.columns.map(
    (column): Column => ({
      name: column.name,
      type: column.type,
      namespace: 'value',
    }),
  );
  const source: DataSource = {
    name: step,
    kind: 'STREAM',
    schema: { columns: [...keys, ...values] },
    topic: `${applicationId}-${name}`,
    keyFormat: internalKeyFormat(formats.keyFormat, keys),
    valueFormat: internalValueFormat(formats.valueFormat, values),
    readOnly: true,
    createdAs: false,
    statementText: '',
  };
  const output = repartition.input.output;
  return {
    topic: { name, source, carriesOldRows, row },
    repartition: { kind: 'repartition', output, layout, ...repartition },
    source: { kind: 'source', context: step, output, layout, source, alias: name, needed },
  };
}

/** Keys have the format that they had before, JSON where it cannot carry them, and KAFKA where there were none. */
function internalKeyFormat(format: FormatInfo, columns: readonly Column[]): FormatInfo {
  const inherited: FormatInfo = format.name === 'NONE' ? { name: 'KAFKA' } : withoutSchema(format);
  const carrying = formatProblem(inherited, columns, 'Key') === undefined ? inherited : ({ name: 'JSON' } as const);
  return keyFormatFor(carrying, columns);
}

/** The schema of a source is not that of its rows behind a topic; how values are written in it is. */
function withoutSchema({ wrapping: _, ...format }: FormatInfo): FormatInfo {
  return { ...format, schemaFullName: undefined, schemaId: undefined };
}

/** A single value column is a field of a record wherever the format leaves a choice, whatever the settings say. */
function internalValueFormat(format: FormatInfo, columns: readonly Column[]): FormatInfo {
  const inherited = withoutSchema(format);
  const carrying = formatProblem(inherited, columns, 'Value') === undefined ? inherited : ({ name: 'JSON' } as const);
  const isOpen = supportsWrapping(carrying.name, 'WRAP_SINGLES') && supportsWrapping(carrying.name, 'UNWRAP_SINGLES');
  return columns.length === 1 && isOpen ? { ...carrying, wrapping: 'WRAP_SINGLES' } : carrying;
}
