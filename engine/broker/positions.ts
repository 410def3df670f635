export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface ReadPosition extends TopicPartition {
  readonly offset: number;
}

/** How far a group has read a partition, and what it noted there (Kafka calls it the metadata of an offset). */
export interface CommitPosition extends ReadPosition {
  readonly note?: string;
}

/** Which membership of a consumer group offsets are committed in; a broker refuses those of an older one (KIP-447). */
export interface GroupMetadata {
  readonly group: string;
  readonly generation: number;
  readonly memberId: string;
  /** `group.instance.id` of a static member. */
  readonly instanceId?: string | undefined;
}
