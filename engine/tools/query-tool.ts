import { ClientError, type QueryStream } from '../api/client.ts';
import { toJson } from '../api/json-row.ts';
import { rowCount } from '../api/row-count.ts';
import { oneStatement } from './one-statement.ts';
import { inputOf, type Tool, ToolError } from './tool.ts';

const DEFAULT_ROWS = 50;
const MAX_ROWS = 1_000;
const DEFAULT_SECONDS = 5;
const MAX_SECONDS = 60;

/** Rows of a query, of which a push query would never end by itself. */
export const runQuery: Tool = {
  name: 'ksql_query',
  title: 'Run a Bounded KSQL Query',
  description:
    'Runs one SELECT, with or without EMIT CHANGES, and returns its rows as JSON, one a line. A query that does not end by itself is ended after maxRows rows or maxSeconds seconds, whichever comes first.',
  changes: false,
  inputSchema: inputOf(
    {
      query: { type: 'string', description: 'One SELECT statement.' },
      maxRows: {
        type: 'integer',
        description: `How many rows to return at most, ${DEFAULT_ROWS} if it is not given.`,
        minimum: 1,
        maximum: MAX_ROWS,
        default: DEFAULT_ROWS,
      },
      maxSeconds: {
        type: 'integer',
        description: `How long to wait for rows at most, ${DEFAULT_SECONDS} seconds if it is not given.`,
        minimum: 1,
        maximum: MAX_SECONDS,
        default: DEFAULT_SECONDS,
      },
      fromBeginning: {
        type: 'boolean',
        description:
          'Whether a push query reads what its topics hold already (the default), or only what comes from now on.',
        default: true,
      },
    },
    'query',
  ),
  async run(input, context) {
    const { text, node } = oneStatement(String(input['query']), context.dialect);
    if (node !== undefined && node.$type !== 'Query') throw new ToolError('This tool runs SELECT statements only.');
    const maxRows = Number(input['maxRows'] ?? DEFAULT_ROWS);
    const maxMs = Number(input['maxSeconds'] ?? DEFAULT_SECONDS) * 1_000;
    const start = input['fromBeginning'] === false ? 'latest' : 'earliest';
    const properties = { 'auto.offset.reset': start };
    const stream = await context.client.query(text, { properties, signal: context.signal });
    return await rowsText(stream, maxRows, maxMs);
  },
};

async function rowsText(stream: QueryStream, maxRows: number, maxMs: number): Promise<string> {
  const names = stream.columns.map(({ name }) => name);
  const rows: string[] = [];
  let end = 'The query has ended.';
  const timer = setTimeout(() => {
    end = 'The time was over; there may be more rows.';
    stream.close();
  }, maxMs);
  try {
    collect: for await (const events of stream) {
      for (const event of events) {
        if (event.kind === 'error') throw new ClientError(event.error.message, 500, event.error);
        if (event.kind !== 'row') continue;
        const { values, tombstone } = event.content;
        const cells = names.map((name, i) => `${JSON.stringify(name)}: ${toJson(values[i] ?? null)}`);
        rows.push(tombstone ? `deleted: {${cells.join(', ')}}` : `{${cells.join(', ')}}`);
        if (rows.length < maxRows) continue;
        end = 'There may be more rows.';
        break collect;
      }
    }
  } finally {
    clearTimeout(timer);
  }
  const columns = stream.columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  return [`Columns: ${columns}`, ...rows, `${rowCount(rows.length)}. ${end}`].join('\n');
}
