import type { SharedTasks } from '../shared/shared-tasks.ts';

/** A query whose tasks several engines share. */
export interface SharedQueryView {
  readonly id: string;
  readonly shared: SharedTasks;
}

/** The partition of a task, of the id that Kafka Streams gives it. */
export const partitionOfTask = (task: string): number => Number(task.slice(task.indexOf('_') + 1));

/** How ksqlDB calls a host: `name:port`, of the URL where it is reached. */
export function hostOf(endpoint: string): string {
  const { hostname, port, protocol } = new URL(endpoint);
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
}
