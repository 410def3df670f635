import type { RepartitionTopic } from '../../plan/repartition-topic.ts';
import type { SchemaRegistry } from '../../serde/registry/schema-registry.ts';
import type { QueryProperties } from '../session/session-properties.ts';
import { ChangedRowEncoder } from './changed-rows.ts';
import { type ChangeEncoder, RowEncoder } from './row-encoder.ts';

/**
 * What a {@link RecordWriter} writes a repartition topic with. Making one may register schemas.
 * @throws SerdeError when a format cannot carry the columns
 */
export async function repartitionEncoder(
  { source, carriesOldRows }: RepartitionTopic,
  registry: SchemaRegistry | undefined,
  properties: QueryProperties,
): Promise<ChangeEncoder> {
  const rows = await RowEncoder.create(source, registry, properties);
  return carriesOldRows ? new ChangedRowEncoder(rows) : rows;
}
