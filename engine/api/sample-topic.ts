import { identifierText, stringText } from '../../language/text/identifier-text.ts';
import { ClientError, type KsqlClient } from './client.ts';

/** So many records are looked at, and no longer than this: a topic may hold none. */
const MOST_RECORDS = 50;
const LONGEST_MS = 3_000;

const FORMATS: Readonly<Record<string, string>> = { AVRO: 'AVRO', PROTOBUF: 'PROTOBUF', JSON: 'JSON_SR' };

/**
 * The CREATE of a stream over a topic of which the schema registry of the server knows the values: it needs no columns.
 * Undefined where there is no registry to ask, or it knows none.
 */
export async function createFromRegistry(client: KsqlClient, topic: string): Promise<string | undefined> {
  const path = `/schema-registry/subjects/${encodeURIComponent(`${topic}-value`)}/versions/latest`;
  const answer = (await client.workbench(path).catch(noAnswer)) as { readonly schemaType?: string } | undefined;
  const format = answer && FORMATS[answer.schemaType ?? 'AVRO'];
  if (format === undefined) return undefined;
  const name = identifierText(topic.replaceAll(/\W+/g, '_').toUpperCase());
  return `CREATE STREAM ${name} WITH (\n  KAFKA_TOPIC = ${stringText(topic)},\n  VALUE_FORMAT = '${format}'\n);`;
}

function noAnswer(error: unknown): undefined {
  if (!(error instanceof ClientError)) throw error;
  return undefined;
}

/** The values of the first records of a topic that are JSON objects, as PRINT shows them. @throws ClientError */
export async function sampleRecords(client: KsqlClient, topic: string): Promise<readonly string[]> {
  const found: string[] = [];
  const signal = AbortSignal.timeout(LONGEST_MS);
  const lines = client.print(`PRINT ${stringText(topic)} FROM BEGINNING LIMIT ${MOST_RECORDS};`, { signal });
  try {
    for await (const line of lines) {
      const value = /, value: (?<value>\{.*\}), partition: \d+$/.exec(line)?.groups?.['value'];
      if (value !== undefined) found.push(value);
      if (found.length >= MOST_RECORDS) break;
    }
  } catch (error) {
    // What came before the time was up is the sample.
    if (!signal.aborted) throw error;
  }
  return found;
}
