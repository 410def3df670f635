import type { ViewsOf } from './answer-view.ts';

/** What commands answer: a sentence. */
export const OUTCOME_VIEWS: ViewsOf<
  | 'currentStatus'
  | 'warning_entity'
  | 'connector_info'
  | 'drop_connector'
  | 'terminate_query'
  | 'assert_topic'
  | 'assert_schema'
> = {
  currentStatus: ({ commandStatus: { message } }) => ({
    message,
    brief: briefStatus(message),
    mark: statusMark(message),
  }),
  warning_entity: ({ message }) => ({ message, mark: 'done' }),
  connector_info: ({ info }) => ({ message: `Created connector ${info.name}`, brief: 'created', mark: 'created' }),
  drop_connector: ({ connectorName }) => ({
    message: `Dropped connector ${connectorName}`,
    brief: 'dropped',
    mark: 'dropped',
  }),
  terminate_query: ({ queryId }) => ({ message: `Query ${queryId} terminated`, mark: 'terminated' }),
  assert_topic: ({ topicName, exists }) => ({ message: `Topic ${topicName} ${existence(exists)}`, mark: 'holds' }),
  assert_schema: ({ subject, id, exists }) => ({
    message: `Schema ${subject ?? id} ${existence(exists)}`,
    mark: 'holds',
  }),
};

const existence = (exists: boolean): string => (exists ? 'exists' : 'does not exist');

/** What a command did, without repeating the kind of thing. */
function briefStatus(message: string): string {
  const query = /^Created query with ID (\S+)$/.exec(message)?.[1];
  if (query !== undefined) return `created · ${query}`;
  return /^(?:Stream|Table|Type) created/i.test(message) ? 'created' : message;
}

/** One word for what a command did, from the sentence that reports it. */
function statusMark(message: string): string {
  if (/already exists|not added|does not exist/i.test(message)) return 'was there already';
  if (/dropped/i.test(message)) return 'dropped';
  if (/terminat/i.test(message)) return 'terminated';
  if (/altered|added/i.test(message)) return 'altered';
  return /creat|regist/i.test(message) ? 'created' : 'done';
}
