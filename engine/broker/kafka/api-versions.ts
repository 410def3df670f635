import { KAFKA_ERROR, kafkaError } from './broker-errors.ts';
import type { KafkaRequest } from './wire.ts';

export const API_VERSIONS = 18;

/** What a broker can do. */
export interface ApiVersions {
  /** The newest version of a request that broker and we know, or -1 where it does not know the request. */
  newest(apiKey: number, ours: number): number;
  /** The level of a feature that the whole cluster has agreed on, such as `transaction.version`; 0 where it has not. */
  feature(name: string): number;
}

interface Answer {
  readonly code: number;
  readonly most: ReadonlyMap<number, number>;
  readonly features: ReadonlyMap<string, number>;
}

/** @throws BrokerError */
export async function askVersions(connection: { send<T>(request: KafkaRequest<T>): Promise<T> }): Promise<ApiVersions> {
  let answer = await connection.send(versionsRequest());
  // A broker before 2.4 says so in the form of the first version.
  if (answer.code === KAFKA_ERROR.unsupportedVersion) answer = await connection.send(oldVersionsRequest());
  if (answer.code !== KAFKA_ERROR.none) throw kafkaError(answer.code, 'Asking the broker what it can do');
  return {
    newest: (apiKey, ours) => Math.min(ours, answer.most.get(apiKey) ?? -1),
    feature: (name) => answer.features.get(name) ?? 0,
  };
}

function versionsRequest(): KafkaRequest<Answer> {
  return {
    apiKey: API_VERSIONS,
    version: 3,
    isFlexible: true,
    encode: (writer) => writer.compactString('ksql-workbench').compactString('1').noTags(),
    decode(reader) {
      const code = reader.int16();
      const most = new Map<number, number>();
      const features = new Map<string, number>();
      if (code === KAFKA_ERROR.unsupportedVersion) return { code, most, features };
      reader.compactArray(() => {
        const apiKey = reader.int16();
        reader.int16();
        most.set(apiKey, reader.int16());
        reader.tags();
      });
      reader.int32();
      reader.tags((tag) => {
        if (tag !== FINALIZED_FEATURES) return;
        reader.compactArray(() => {
          features.set(reader.compactString(), reader.int16());
          reader.int16();
          reader.tags();
        });
      });
      return { code, most, features };
    },
  };
}

/** The tag of the features that the cluster has agreed on (KIP-584). */
const FINALIZED_FEATURES = 2;

function oldVersionsRequest(): KafkaRequest<Answer> {
  return {
    apiKey: API_VERSIONS,
    version: 0,
    encode: () => undefined,
    decode(reader) {
      const code = reader.int16();
      const most = new Map<number, number>();
      reader.array(() => {
        const apiKey = reader.int16();
        reader.int16();
        most.set(apiKey, reader.int16());
      });
      return { code, most, features: new Map() };
    },
  };
}
