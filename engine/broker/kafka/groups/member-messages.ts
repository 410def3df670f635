import type { TopicPartition } from '../../broker.ts';
import type { MemberTasks } from '../../groups/assign-tasks.ts';
import type { Placement } from '../../groups/group-membership.ts';
import { byTopic } from '../requests.ts';
import { WireReader, WireWriter } from '../wire.ts';

/** What a member tells the leader of its group. */
export interface MemberDescription {
  /** Who it is, for others: an id of its process. */
  readonly process: string;
  /** Its threads. */
  readonly capacity: number;
  /** Where its engine is reached. */
  readonly endpoint?: string | undefined;
  /** In which generation it was given what it has. */
  readonly generation: number;
  readonly active: readonly string[];
  /** How far the state that it has of tasks is behind, in records. */
  readonly lags: Readonly<Record<string, number>>;
}

/** What the leader gives a member. */
export interface MemberAssignment extends MemberTasks {
  /** What all members have, once those that give something up have done so. */
  readonly placements: readonly Placement[];
}

/**
 * Kafka's own forms of what consumers say and get stand around ours, so that Kafka's tools and topic browsers show who
 * reads what, and brokers keep the offsets of topics that are read (ConsumerProtocolSubscription and -Assignment,
 * version 1; what is ours is their user data, in JSON).
 */
const VERSION = 1;

export function encodeDescription(description: MemberDescription, topics: readonly string[]): Uint8Array {
  const writer = new WireWriter().int16(VERSION);
  writer.array(topics, (topic) => writer.string(topic));
  // The partitions that a consumer has: ours has tasks.
  return writer.bytes(json(description)).int32(0).taken();
}

/** @throws Error when it is none of ours */
export function decodeDescription(bytes: Uint8Array): MemberDescription {
  const reader = new WireReader(Buffer.from(bytes));
  reader.int16();
  reader.array(() => reader.string());
  return JSON.parse(reader.bytes().toString()) as MemberDescription;
}

/** @param inputs the partitions that the active tasks read */
export function encodeAssignment(assignment: MemberAssignment, inputs: readonly TopicPartition[]): Uint8Array {
  const writer = new WireWriter().int16(VERSION);
  writer.array(byTopic(inputs), ([topic, partitions]) =>
    writer.string(topic).array(partitions, ({ partition }) => writer.int32(partition)),
  );
  return writer.bytes(json(assignment)).taken();
}

export function decodeAssignment(bytes: Uint8Array): MemberAssignment {
  const reader = new WireReader(Buffer.from(bytes));
  reader.int16();
  reader.array(() => {
    reader.string();
    reader.array(() => reader.int32());
  });
  return JSON.parse(reader.bytes().toString()) as MemberAssignment;
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
