import type { MetastoreSnapshot } from '../../../language/metastore/metastore-snapshot.ts';
import type { KsqlClient } from '../client.ts';

/**
 * The names that only completion asks for: subjects of the registry where the server is ours, connectors, and the
 * classes that they can be of. What cannot be asked is left out; servers without Kafka Connect take their time to say
 * so.
 */
export async function readNamesOf(client: KsqlClient): Promise<Names> {
  const [registered, connectors, plugins] = await Promise.allSettled([
    readSubjects(client),
    client.execute('LIST CONNECTORS;'),
    client.execute('LIST CONNECTOR PLUGINS;'),
  ]);
  const entities = [connectors, plugins].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  return {
    ...(registered.status === 'fulfilled' ? registered.value : { subjects: [], schemas: [] }),
    connectors: entities.flatMap((entity) =>
      entity['@type'] === 'connector_list' ? entity.connectors.map(({ name }) => name) : [],
    ),
    connectorClasses: entities.flatMap((entity) =>
      entity['@type'] === 'connector_plugins_list' ? entity.connectorsPlugins.map(({ className }) => className) : [],
    ),
  };
}

type Names = NonNullable<MetastoreSnapshot['names']>;

/** Schemas of more subjects are not asked for one by one. */
const MOST_SCHEMAS = 200;

/** @throws ClientError */
async function readSubjects(client: KsqlClient): Promise<Required<Pick<Names, 'subjects' | 'schemas'>>> {
  const listed = await client.workbench('/schema-registry/subjects');
  const subjects = Array.isArray(listed) ? listed.map(String) : [];
  const newest = await Promise.all(subjects.slice(0, MOST_SCHEMAS).map((subject) => newestSchema(client, subject)));
  return { subjects, schemas: newest.flat() };
}

async function newestSchema(client: KsqlClient, subject: string): Promise<NonNullable<Names['schemas']>> {
  const path = `/schema-registry/subjects/${encodeURIComponent(subject)}/versions/latest`;
  const found = (await client.workbench(path).catch(() => undefined)) as
    | { readonly id?: unknown; readonly schemaType?: unknown }
    | undefined;
  // AVRO is what a registry leaves out.
  return typeof found?.id === 'number' ? [{ subject, id: found.id, format: String(found.schemaType ?? 'AVRO') }] : [];
}
