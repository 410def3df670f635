import type { ConnectorDescription, ConnectorInfo, ConnectorPlugin, SimpleConnectorInfo } from '../api/protocol.ts';
import type { ConnectorConfig } from './configuration/connector.ts';

/** What Kafka Connect refused, or that it does not answer; the message holds its own words. */
export class ConnectError extends Error {
  /** Of Connect's answer; undefined when nothing answers. */
  readonly status: number | undefined;

  constructor(message: string, status: number | undefined, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConnectError';
    this.status = status;
  }
}

const TIMEOUT_MS = 30_000;

/** The REST API of a Kafka Connect worker. */
export class ConnectClient {
  readonly #url: string;
  readonly #reach: typeof fetch;

  /** @param options.reach how it is asked; absent: over HTTP */
  constructor(url: string, { reach = fetch }: { readonly reach?: typeof fetch | undefined } = {}) {
    this.#url = url.replace(/\/+$/, '');
    this.#reach = reach;
  }

  async list(): Promise<SimpleConnectorInfo[]> {
    type Expanded = Record<string, { info?: ConnectorInfo; status?: ConnectorDescription['status'] }>;
    const connectors = await this.#ask<Expanded>('GET', '/connectors?expand=info&expand=status');
    return Object.entries(connectors).map(([name, { info, status }]) => ({
      name,
      type: info?.type ?? 'unknown',
      className: info?.config['connector.class'] ?? '',
      state: status === undefined ? 'UNKNOWN' : summary(status),
    }));
  }

  async plugins(): Promise<ConnectorPlugin[]> {
    type Plugin = { class: string; type: string; version: string | null };
    const plugins = await this.#ask<Plugin[]>('GET', '/connector-plugins');
    return plugins.map(({ class: className, type, version }) => ({ className, type, version: version ?? '' }));
  }

  /** What Connect finds wrong with a configuration; empty when nothing. */
  async validate(config: ConnectorConfig): Promise<string[]> {
    type Validation = { configs: { value: { name: string; errors: string[] } }[] };
    const className = encodeURIComponent(config['connector.class'] ?? '');
    const validation = await this.#ask<Validation>('PUT', `/connector-plugins/${className}/config/validate`, config);
    return validation.configs.flatMap(({ value }) => value.errors.map((error) => `${value.name} - ${error}`));
  }

  async create(name: string, config: ConnectorConfig): Promise<ConnectorInfo> {
    return this.#ask<ConnectorInfo>('POST', '/connectors', { name, config: { ...config, name } });
  }

  async describe(name: string): Promise<Omit<ConnectorDescription, 'sources'>> {
    const at = `/connectors/${encodeURIComponent(name)}`;
    const [info, status, topics] = await Promise.all([
      this.#ask<ConnectorInfo>('GET', at),
      this.#ask<ConnectorDescription['status']>('GET', `${at}/status`),
      // A worker may have the tracking of topics switched off.
      this.#ask<Record<string, { topics: string[] }>>('GET', `${at}/topics`).catch(() => ({})),
    ]);
    return {
      connectorClass: info.config['connector.class'] ?? '',
      status,
      topics: Object.values(topics).flatMap((entry) => entry.topics),
    };
  }

  async drop(name: string): Promise<void> {
    await this.#ask('DELETE', `/connectors/${encodeURIComponent(name)}`);
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    let response: Response;
    try {
      response = await this.#reach(this.#url + path, {
        method,
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new ConnectError(`Connect to ${this.#url} failed: ${reasonOf(error)}`, undefined, { cause: error });
    }
    const text = await response.text();
    if (!response.ok) throw new ConnectError(messageOf(text) || `HTTP ${response.status}`, response.status);
    try {
      return (text === '' ? undefined : JSON.parse(text)) as T;
    } catch (error) {
      throw new ConnectError(
        `What answers at ${this.#url} is no Kafka Connect: its answer is no JSON`,
        response.status,
        {
          cause: error,
        },
      );
    }
  }
}

/** As ksqlDB sums it up: a connector whose tasks do not all run shows as such. */
function summary({ connector, tasks }: ConnectorDescription['status']): string {
  const running = tasks.filter((task) => task.state === 'RUNNING').length;
  if (connector.state !== 'RUNNING' || tasks.length === 0) return connector.state;
  if (running === tasks.length) return `RUNNING (${running}/${tasks.length} tasks RUNNING)`;
  return `${running === 0 ? 'FAILED' : 'WARNING'} (${running}/${tasks.length} tasks RUNNING)`;
}

/** Connect's error answers are `{"error_code": …, "message": …}`; anything else is taken as it is. */
function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}

/** Node's fetch hides the reason in the cause, and there under one error for each address that was tried. */
function reasonOf(error: unknown): string {
  const { cause } = error as Error;
  if (cause instanceof AggregateError) return cause.errors.map((each: Error) => each.message).join('; ');
  return cause instanceof Error ? cause.message : (error as Error).message;
}
