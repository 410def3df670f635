import { randomBytes, randomUUID } from 'node:crypto';
import { nameInService } from '../broker/service-names.ts';

/** The query ids of ksqlDB. The number of a persistent query is that of the command that made it. */
export class QueryIds {
  #next: number;

  constructor(first = 0) {
    this.#next = first;
  }

  /** The number that the next persistent query will get. */
  get next(): number {
    return this.#next;
  }

  /** Ids continue after `number`; what a replayed command log has used is not given out again. */
  skipTo(number: number): void {
    this.#next = Math.max(this.#next, number);
  }

  /** Takes back what was given out since; what was to have it is made again. */
  returnTo(number: number): void {
    this.#next = number;
  }

  createAs(kind: 'STREAM' | 'TABLE', sink: string): string {
    return `${kind === 'STREAM' ? 'CSAS' : 'CTAS'}_${sink}_${this.#next++}`;
  }

  sourceTable(name: string): string {
    return `CST_${name}_${this.#next++}`;
  }

  insert(): string {
    return `INSERTQUERY_${this.#next++}`;
  }
}

/** The id of a push query or of a pull query on a stream, after the left-most source of its FROM clause. */
export function transientQueryId(source: string): string {
  const random = randomBytes(8).readBigUInt64BE() >> 1n;
  return `transient_${source}_${random}`;
}

/** The id of a push query that ksqlDB would answer from the output of another. */
export const sharedQueryId = (): string => `SCALABLE_PUSH_QUERY_${randomUUID()}`;

/** The id of a pull query on a table. */
export const pullQueryId = (nowMs: number): string => `query_${nowMs}`;

/** The consumer group, and the prefix of internal topics, of a query. */
export function applicationId(serviceId: string, queryId: string, persistent: boolean, nowMs: number): string {
  return nameInService(serviceId, persistent ? `query_${queryId}` : `transient_${queryId}_${nowMs}`);
}
