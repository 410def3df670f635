import * as l10n from '@vscode/l10n';
import { AnswerRow } from '../../engine/api/answer-rows.ts';
import type { LateRecord } from '../../engine/api/protocol.ts';
import type { ColumnInfo } from './messages.ts';
import type { Result } from './result.ts';

const column = (name: string, type: string): ColumnInfo => ({ name, type, isKey: false, numeric: type === 'BIGINT' });

const COLUMNS: readonly ColumnInfo[] = [
  column('EVENT_TIME', 'TIMESTAMP'),
  column('STREAM_TIME', 'TIMESTAMP'),
  column('BEHIND_MS', 'BIGINT'),
  column('TOPIC', 'STRING'),
  column('PARTITION', 'BIGINT'),
  column('OFFSET', 'BIGINT'),
];

/** Timestamps as ksqlDB writes them in rows: in UTC, without the letter that says so. */
const timestamp = (ms: number): string => new Date(ms).toISOString().slice(0, -1);

/** Shows records that were late as rows: how far behind they were, and where they stand. */
export function showLateRecords(records: readonly LateRecord[], result: Result): void {
  result.begin(COLUMNS, false);
  for (const { topic, partition, offset, timeMs, streamTimeMs } of records) {
    const cells = [timestamp(timeMs), timestamp(streamTimeMs), streamTimeMs - timeMs, topic, partition, offset];
    result.add(AnswerRow.of(cells, false, { topic, partition, offset, timestampMs: timeMs }));
  }
  result.end(
    'done',
    l10n.t('Dropped because a window that they belong to had closed; GRACE PERIOD lets windows wait longer.'),
  );
}
