import { columnToString } from '../../../language/types/schema.ts';
import { backQuoted, typeToString } from '../../../language/types/sql-type.ts';
import { rowWriter, toJson } from '../../api/json-row.ts';
import type { ErrorBody, RowRecord } from '../../api/protocol.ts';
import { placeText } from '../../runtime/cluster/placed-row.ts';
import type { QueryAnswer } from '../../runtime/query-answer.ts';
import type { ResultRow } from '../../runtime/row-queue.ts';
import type { RowFormat } from '../http/media-type.ts';

/** Turns an answer into the text of one of its representations, piece by piece. */
export interface RowFraming {
  header(): string;
  rows(rows: readonly ResultRow[]): string;
  error(error: ErrorBody): string;
  /** What closes the answer, with the final message where the representation has one. */
  end(finalMessage: string | undefined): string;
}

/** What clients may ask rows of the `streamed-row` form to say besides their values. */
export interface RowExtras {
  /** The host that rows come from. */
  readonly sourceHost?: string | undefined;
  /** Whether rows tell the record whose processing gave them. */
  readonly records?: boolean;
  /** Whether rows of the `delimited` form tell, before a tab, where they stand among those of all engines. */
  readonly places?: boolean;
}

/** The framing of an answer. */
export function rowFraming(
  format: Exclude<RowFormat, 'protobuf'>,
  answer: QueryAnswer,
  extras: RowExtras = {},
): RowFraming {
  switch (format) {
    case 'delimited':
      return delimitedFraming(answer, extras);
    case 'json':
      return arrayFraming(answer);
    case 'streamed-row':
      return streamedRowFraming(answer, extras);
    default:
      return format satisfies never;
  }
}

function metadata(answer: QueryAnswer): string {
  return toJson({
    queryId: answer.queryId,
    columnNames: answer.columns.map((column) => column.name),
    columnTypes: answer.columns.map((column) => typeToString(column.type)),
  });
}

/** Writes the values of an answer's rows; what another engine has written goes on as it is. */
export function valuesWriter(answer: QueryAnswer): (row: ResultRow) => string {
  const write = rowWriter(answer.columns.map((column) => column.type));
  return (row) => row.json ?? write(row.values);
}

/** A line for each row; tombstones have no form here and are left out. */
function delimitedFraming(answer: QueryAnswer, { places }: RowExtras): RowFraming {
  const write = valuesWriter(answer);
  return {
    header: () => `${metadata(answer)}\n`,
    rows(rows) {
      let text = '';
      for (const row of rows) {
        if (row.tombstone) continue;
        if (places && row.place !== undefined) text += `${placeText(row.place)}\t`;
        text += `${write(row)}\n`;
      }
      return text;
    },
    error: (error) => `${toJson(error)}\n`,
    end: () => '',
  };
}

/** One JSON array of the metadata and the rows. */
function arrayFraming(answer: QueryAnswer): RowFraming {
  const write = valuesWriter(answer);
  return {
    header: () => `[${metadata(answer)}`,
    rows(rows) {
      let text = '';
      for (const row of rows) if (!row.tombstone) text += `,${write(row)}`;
      return text;
    },
    error: (error) => `,${toJson(error)}`,
    end: () => ']',
  };
}

/**
 * An array of objects, each on a line. Where a final message is certain to follow, the separator is sent with what
 * stands before it, so that a client that reads lines sees every row as soon as it is there.
 */
function streamedRowFraming(answer: QueryAnswer, { sourceHost, records }: RowExtras): RowFraming {
  const write = valuesWriter(answer);
  const eager = answer.kind !== 'pull-table';
  const element = eager ? (text: string) => `${text},\n` : (text: string) => `,\n${text}`;
  const hostText = (host: string) => `,"sourceHost":${JSON.stringify(host)}`;
  const own = sourceHost === undefined ? '' : hostText(sourceHost);
  return {
    header: () =>
      `[${toJson({ header: { queryId: answer.queryId, schema: answerSchema(answer) } })}${eager ? ',\n' : ''}`,
    rows(rows) {
      let text = '';
      for (const row of rows) {
        const tombstone = row.tombstone ? ',"tombstone":true' : '';
        const record = records ? recordText(row) : '';
        const host = own === '' || row.host === undefined ? own : hostText(row.host);
        text += element(`{"row":{"columns":${write(row)}${tombstone}}${host}${record}}`);
      }
      return text;
    },
    error: (errorMessage) => (eager ? toJson({ errorMessage }) : element(toJson({ errorMessage }))),
    end: (finalMessage) => (finalMessage === undefined ? ']' : `${toJson({ finalMessage })}]`),
  };
}

/** The columns of an answer as its header tells them: keys are told apart where a table is looked up. */
export function answerSchema({ columns, kind }: QueryAnswer): string {
  return columns
    .map(({ name, type, key }) =>
      key && kind === 'pull-table'
        ? columnToString({ name, type, namespace: 'key' })
        : `${backQuoted(name)} ${typeToString(type)}`,
    )
    .join(', ');
}

function recordText({ cause, timeMs }: ResultRow): string {
  if (cause === undefined || timeMs === undefined) return '';
  const record: RowRecord = { ...cause, timestampMs: timeMs };
  return `,"record":${JSON.stringify(record)}`;
}
