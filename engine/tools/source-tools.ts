import { identifierText } from '../../language/text/identifier-text.ts';
import { answersText } from './answer-text.ts';
import { inputOf, type Tool } from './tool.ts';

/** What there is to read. */
export const listSources: Tool = {
  name: 'ksql_list_sources',
  title: 'List Streams and Tables',
  description:
    'Lists the streams and tables of the connected KSQL engine with their columns and topics, and the queries that run. Call it first, to learn what can be queried.',
  changes: false,
  inputSchema: inputOf({}),
  run: async (_input, { client, signal }) =>
    answersText(await client.execute('SHOW STREAMS EXTENDED; SHOW TABLES EXTENDED; SHOW QUERIES;', { signal })),
};

/** One of them, with its columns, statistics and the queries that read and write it. */
export const describeSource: Tool = {
  name: 'ksql_describe',
  title: 'Describe a Stream or Table',
  description:
    'Describes a stream or table: columns and types, key, formats, topic, the statement that made it, the queries that read or write it.',
  changes: false,
  inputSchema: inputOf(
    { name: { type: 'string', description: 'The name as the list of sources gives it, without quotes.' } },
    'name',
  ),
  run: async ({ name }, { client, signal }) =>
    answersText(await client.execute(`DESCRIBE ${identifierText(String(name))} EXTENDED;`, { signal })),
};
