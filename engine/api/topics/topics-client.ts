import type { KsqlClient } from '../client.ts';
import type {
  AppendAnswer,
  AppendProblem,
  AppendRequest,
  CaptureRequest,
  FindAnswer,
  FindRequest,
  ProduceAnswer,
  ProducedRecord,
  ProduceRequest,
  TestScript,
  TopicRecordForm,
  TopicViewInfo,
  TopicViewPage,
  TopicViewRequest,
  ViewRecord,
} from './topics-protocol.ts';

/** Lines of so many characters go in one request, well below what a server takes. */
const REQUEST_CHARACTERS = 4_000_000;

/**
 * Writes records into topics of our own engine. Problems name their lines by the places in the list, from 1.
 * @param lines of a fixture file
 * @throws ClientError when the server has no such endpoint
 */
export async function appendRecords(
  client: KsqlClient,
  lines: readonly string[],
  { stopAtFirst = false }: { readonly stopAtFirst?: boolean } = {},
): Promise<AppendAnswer> {
  let written = 0;
  const problems: AppendProblem[] = [];
  for (let start = 0; start < lines.length; ) {
    let end = start;
    for (let characters = 0; end < lines.length && (end === start || characters < REQUEST_CHARACTERS); end++)
      characters += lines[end]!.length;
    const request: AppendRequest = { lines: lines.slice(start, end), stopAtFirst };
    const answer = (await client.workbenchPost('/records', request)) as AppendAnswer;
    written += answer.written;
    for (const { line, message } of answer.problems) problems.push({ line: start + line, message });
    if (stopAtFirst && problems.length > 0) break;
    start = end;
  }
  return { written, problems };
}

/** The lines of a fixture file with records of topics as they stand now. @throws ClientError */
export const captureLines = (
  client: KsqlClient,
  request: CaptureRequest,
  signal?: AbortSignal,
): AsyncGenerator<string> => client.workbenchLines('/capture', request, signal);

/** Opens a view of a topic. @throws ClientError with status 404 where the server is not ours */
export const openTopicView = async (
  client: KsqlClient,
  topic: string,
  request: TopicViewRequest,
): Promise<TopicViewInfo> =>
  (await client.workbenchPost(`/topics/${encodeURIComponent(topic)}/views`, request)) as TopicViewInfo;

/** Records of a view from a place on, or the last ones; undefined once the view has ended. @throws ClientError */
export const topicViewPage = async (
  client: KsqlClient,
  id: string,
  count: number,
  start?: number,
): Promise<TopicViewPage | undefined> =>
  (await client.workbench(`/topic-views/${id}?count=${count}${start === undefined ? '' : `&start=${start}`}`)) as
    | TopicViewPage
    | undefined;

/** One record of a view with its texts as a whole; undefined where it is gone. @throws ClientError */
export const topicViewRecord = async (client: KsqlClient, id: string, place: number): Promise<ViewRecord | undefined> =>
  (await client.workbench(`/topic-views/${id}/records/${place}`)) as ViewRecord | undefined;

/** The place of the next record that is like what is looked for. @throws ClientError */
export const findInTopicView = async (
  client: KsqlClient,
  id: string,
  request: FindRequest,
): Promise<number | undefined> =>
  ((await client.workbenchPost(`/topic-views/${id}/find`, request)) as FindAnswer).place;

export const closeTopicView = (client: KsqlClient, id: string): Promise<void> =>
  client.workbenchDelete(`/topic-views/${id}`);

/** What a record of a topic looks like; undefined where the server is not ours. @throws ClientError */
export const topicRecordForm = async (client: KsqlClient, topic: string): Promise<TopicRecordForm | undefined> =>
  (await client.workbench(`/topics/${encodeURIComponent(topic)}/record-form`)) as TopicRecordForm | undefined;

/** Writes records as a user wrote them. Problems name them by their places. @throws ClientError */
export async function produceRecords(
  client: KsqlClient,
  topic: string,
  records: readonly ProducedRecord[],
): Promise<ProduceAnswer> {
  const path = `/topics/${encodeURIComponent(topic)}/produce`;
  return (await client.workbenchPost(path, { records } satisfies ProduceRequest)) as ProduceAnswer;
}

/** What a test of a query begins with. @throws ClientError */
export const testScriptOf = async (client: KsqlClient, statement: string): Promise<TestScript> =>
  (await client.workbenchPost('/test-script', { statement })) as TestScript;
