import * as vscode from 'vscode';
import type { TopicViewInfo, TopicViewPage, ViewRecord } from '../../engine/api/topics/topics-protocol.ts';
import type { ColumnInfo, Page, PageRequest, RowDetail, ShownRow } from '../results/messages.ts';

/** The columns of the grid; keys and values tell their formats where others tell types. */
export const recordColumns = ({ formats }: TopicViewInfo): readonly ColumnInfo[] => [
  { name: vscode.l10n.t('PARTITION'), type: 'INTEGER', isKey: false, numeric: true },
  { name: vscode.l10n.t('OFFSET'), type: 'BIGINT', isKey: false, numeric: true },
  // By this name the grid shows milliseconds as times.
  { name: 'ROWTIME', type: '', isKey: false, numeric: true },
  { name: vscode.l10n.t('KEY'), type: formats.key, isKey: true, numeric: false },
  { name: vscode.l10n.t('VALUE'), type: formats.value, isKey: false, numeric: false },
  { name: vscode.l10n.t('HEADERS'), type: '', isKey: false, numeric: false },
];

/** Records as a page of the grid. */
export function gridPage(request: PageRequest, { end, start, records }: TopicViewPage): Page {
  return {
    request,
    first: 0,
    end,
    start,
    rows: records.map(shownRow),
    moved: 0,
    // Places are for good.
    ...(request.selection && { selection: request.selection }),
  };
}

const shownRow = ({ place, partition, offset, timestampMs, key, value, headers }: ViewRecord): ShownRow => ({
  sequence: place,
  id: place,
  cells: [String(partition), String(offset), String(timestampMs), key, value, headersText(headers)],
  removed: false,
});

const headersText = (headers: ViewRecord['headers']): string =>
  headers.map(({ key, value }) => `${key}=${value ?? 'null'}`).join(', ');

/** A record as the pane beside the grid shows it: the value as a tree where it is JSON. */
export function recordDetail(topic: string, record: ViewRecord, { formats }: TopicViewInfo): RowDetail {
  const { place, partition, offset, timestampMs, key, value, headers } = record;
  return {
    result: 0,
    sequence: place,
    fields: [
      { name: vscode.l10n.t('key'), type: formats.key, value: asTree(key) },
      { name: vscode.l10n.t('value'), type: formats.value, value: asTree(value) },
    ],
    record: { topic, partition, offset, timestampMs, content: { key, value, headers } },
  };
}

/** Objects and lists as what they are; anything else is shown as it is written. */
function asTree(text: string | null): unknown {
  if (text === null || !/^\s*[{[]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Records as tab-separated text, or as JSON lines. */
export function recordsText(records: readonly ViewRecord[], form: 'text' | 'json'): string {
  if (form === 'json')
    return records.map(({ place: _, valueBytes: __, ...record }) => JSON.stringify(record)).join('\n');
  return records
    .map(({ partition, offset, timestampMs, key, value, headers }) =>
      [partition, offset, new Date(timestampMs).toISOString(), key ?? '', value ?? '', headersText(headers)]
        .map((cell) => String(cell).replaceAll(/[\t\n\r]+/g, ' '))
        .join('\t'),
    )
    .join('\n');
}
