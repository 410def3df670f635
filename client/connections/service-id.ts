import { randomBytes } from 'node:crypto';
import type { Memento } from 'vscode';
import type { Connection } from './connection.ts';

const KEPT_AS = 'ksql.serviceId';

/** The setting of an engine that names its service. */
export const SERVICE_ID = 'ksql.service.id';

/**
 * The service id of the workspace's engines on Kafka, made when it is first asked for. One engine at a time runs a
 * service, so windows that share a cluster have one each; a workspace that is opened again finds by it what it made.
 */
export async function workspaceServiceId(workspaceState: Memento): Promise<string> {
  const kept = workspaceState.get<string>(KEPT_AS);
  if (kept !== undefined) return kept;
  const made = `vscode_${randomBytes(4).toString('hex')}_`;
  await workspaceState.update(KEPT_AS, made);
  return made;
}

/** The service id of a connection: its own, that of the engine's properties, or the workspace's. */
export async function serviceIdOf(
  connection: Connection,
  properties: Readonly<Record<string, string>>,
  workspaceState: Memento,
): Promise<string> {
  const own = connection.kind === 'kafka' ? connection.serviceId : undefined;
  return own || properties[SERVICE_ID] || workspaceServiceId(workspaceState);
}
