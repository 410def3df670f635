import type { SqlValue } from '../../../../language/types/sql-type.ts';
import type { RecordCursor } from '../../../broker/record-batch.ts';
import type { Emit, Row } from '../../../operators/operator.ts';
import type { QueryProcessingLog } from '../../monitoring/processing-log.ts';
import { GrowingPause } from '../block/growing-pause.ts';
import type { SourceRow } from '../source-row.ts';
import { type GroupKeys, type KnownGroup, numberOf } from './group-keys.ts';

export interface AggregateParts {
  readonly topic: string;
  readonly source: SourceRow;
  readonly groups: GroupKeys;
  /** The arguments of all aggregates. */
  readonly args: readonly ((row: Row) => SqlValue)[];
  /** What follows the aggregate. */
  readonly emit: Emit;
}

/** So many records are left to the long way at most before the short one is tried again. */
const MAX_PAUSE = 255;

/**
 * The short way of a query that groups the records of a stream: from the bytes of a record to the entry of its group,
 * without a change or a row in between. What comes after that, and what windows the record belongs to, is the
 * aggregate's own. As a `StraightQuery`, it gives up without a trace a record that there is something to say of.
 */
export class StraightAggregate {
  readonly #parts: AggregateParts;
  readonly #log: QueryProcessingLog;
  readonly #args: SqlValue[];
  readonly #pause = new GrowingPause(MAX_PAUSE);

  constructor(parts: AggregateParts, log: QueryProcessingLog) {
    this.#parts = parts;
    this.#log = log;
    this.#args = new Array<SqlValue>(parts.args.length).fill(null);
  }

  /** Processes the record at the cursor. @returns false where that is for the long way to do */
  process(cursor: RecordCursor, partition: number): boolean {
    if (this.#pause.goesOn) return false;
    let group: KnownGroup | null | undefined;
    try {
      group = this.#group(cursor, partition);
    } catch {
      // Whatever it was, the long way meets it again, and says so.
    }
    if (group === undefined) {
      this.#pause.refused();
      return false;
    }
    this.#pause.taken();
    if (group === null) return true;
    // From here on nothing is given up: what goes wrong is the aggregate's.
    this.#log.current = { topic: this.#parts.topic, partition, offset: cursor.offset };
    group.part.add(group, numberOf(group), this.#args, cursor, this.#parts.emit);
    return true;
  }

  /** Moves the cursor to the next record of its batch; false after the last. */
  next(cursor: RecordCursor): boolean {
    return this.#parts.source.values.next(cursor);
  }

  done(): void {}

  /** The group of a record, whose arguments are then known; null where it is left out, undefined to give it up. */
  #group(cursor: RecordCursor, partition: number): KnownGroup | null | undefined {
    const { source, groups, args } = this.#parts;
    const goesOn = source.open(cursor, partition);
    if (goesOn !== true) return goesOn === false ? null : undefined;
    if (!source.readRest()) return undefined;
    const group = groups.find(cursor);
    for (let i = 0; i < args.length; i++) this.#args[i] = args[i]!(source.row) ?? null;
    return source.failures.any ? undefined : group;
  }
}
