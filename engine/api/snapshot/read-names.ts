import type { MetastoreSnapshot } from '../../../language/metastore/metastore-snapshot.ts';
import type { KsqlClient } from '../client.ts';

/**
 * The names that only completion asks for: subjects of the registry where the server is ours, connectors, and the
 * classes that they can be of. What cannot be asked is left out; servers without Kafka Connect take their time to say
 * so.
 */
export async function readNamesOf(client: KsqlClient): Promise<NonNullable<MetastoreSnapshot['names']>> {
  const [subjects, connectors, plugins] = await Promise.allSettled([
    client.workbench('/schema-registry/subjects'),
    client.execute('LIST CONNECTORS;'),
    client.execute('LIST CONNECTOR PLUGINS;'),
  ]);
  const entities = [connectors, plugins].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  return {
    subjects: subjects.status === 'fulfilled' && Array.isArray(subjects.value) ? subjects.value.map(String) : [],
    connectors: entities.flatMap((entity) =>
      entity['@type'] === 'connector_list' ? entity.connectors.map(({ name }) => name) : [],
    ),
    connectorClasses: entities.flatMap((entity) =>
      entity['@type'] === 'connector_plugins_list' ? entity.connectorsPlugins.map(({ className }) => className) : [],
    ),
  };
}
