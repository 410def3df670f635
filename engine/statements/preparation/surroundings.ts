import type { Metastore, RegisteredSchema, TopicInfo } from '../../../language/metastore/metastore.ts';
import type { Surroundings } from '../../runtime/commands/command-log.ts';

/** A metastore that tells what was found in it of the broker's topics and of the registry's schemas. */
export function withRecordedSurroundings(metastore: Metastore): {
  readonly metastore: Metastore;
  found(): Surroundings;
} {
  const topics = metastore.topics && new RecordingTopics(metastore.topics);
  const schemas = new Map<string, RegisteredSchema>();
  const recorded = (key: string, schema: RegisteredSchema | undefined) => {
    if (schema !== undefined) schemas.set(key, schema);
    return schema;
  };
  const { schemas: lookUps } = metastore;
  const recording: Metastore['schemas'] = lookUps && {
    latest: (subject, fullName) => recorded(latestKey(subject, fullName), lookUps.latest(subject, fullName)),
    byId: (id, fullName) => recorded(idKey(id, fullName), lookUps.byId(id, fullName)),
  };
  return {
    metastore: { ...metastore, ...(topics && { topics }), ...(recording && { schemas: recording }) },
    found: () => ({ topics: [...(topics?.found.values() ?? [])], schemas: [...schemas] }),
  };
}

/** A metastore around which there is what was found there once. */
export function withSurroundings(metastore: Metastore, { topics, schemas }: Surroundings): Metastore {
  const found = new Map(schemas);
  return {
    ...metastore,
    topics: new Map(topics.map((topic) => [topic.name, topic])),
    schemas: {
      latest: (subject, fullName) => found.get(latestKey(subject, fullName)),
      byId: (id, fullName) => found.get(idKey(id, fullName)),
    },
  };
}

const latestKey = (subject: string, fullName = ''): string => JSON.stringify(['latest', subject, fullName]);
const idKey = (id: number, fullName = ''): string => JSON.stringify(['id', id, fullName]);

class RecordingTopics extends Map<string, TopicInfo> {
  readonly found = new Map<string, TopicInfo>();

  override get(name: string): TopicInfo | undefined {
    const topic = super.get(name);
    if (topic !== undefined) this.found.set(name, topic);
    return topic;
  }
}
