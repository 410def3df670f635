import { type HttpAnswer, type HttpRequest, httpRequest } from '../../tls/http-request.ts';
import type { TlsOptions } from '../../tls/tls-options.ts';
import { RecentMap } from './recent-map.ts';
import {
  type NewSchema,
  RegistryError,
  type RegistrySchema,
  type SchemaReference,
  type SchemaRegistry,
  type SchemaType,
  type SubjectSchema,
} from './schema-registry.ts';

export interface HttpRegistryOptions {
  /** One or more base URLs, tried in turn. */
  readonly urls: readonly string[];
  readonly basicAuth?: { readonly user: string; readonly password: string } | undefined;
  readonly bearerToken?: string | undefined;
  /** Certificates of its own, and the key that it is shown. */
  readonly tls?: TlsOptions | undefined;
  readonly timeoutMs?: number;
  /** What carries a request there; absent: HTTP. */
  readonly send?: (request: HttpRequest) => Promise<HttpAnswer>;
}

/** A schema as Confluent's REST API has it; AVRO is the type when none is given. */
interface SchemaBody {
  readonly id?: number;
  readonly subject?: string;
  readonly version?: number;
  readonly schemaType?: SchemaType;
  readonly schema: string;
  readonly references?: readonly SchemaReference[];
}

const NOT_FOUND = new Set([40401, 40402, 40403, 404]);
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

/** So many schemas are kept, under each of the names that they are asked for by. */
export const KEPT_SCHEMAS = 1000;

/**
 * A client of a schema registry with Confluent's REST API. Schemas by id or by version never change, so the recent ones
 * are kept.
 */
export class HttpRegistry implements SchemaRegistry {
  readonly #urls: readonly string[];
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #tls: TlsOptions | undefined;
  readonly #send: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly #byId = new RecentMap<number, RegistrySchema>(KEPT_SCHEMAS);
  readonly #versions = new RecentMap<string, SubjectSchema>(KEPT_SCHEMAS);
  readonly #registered = new RecentMap<string, number>(KEPT_SCHEMAS);

  constructor(options: HttpRegistryOptions) {
    this.#urls = options.urls.map((url) => url.replace(/\/+$/, ''));
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#tls = options.tls;
    this.#send = options.send ?? httpRequest;
    const authorization = authorizationOf(options);
    const accept = `${CONTENT_TYPE}, application/json`;
    this.#headers = authorization === undefined ? { accept } : { accept, authorization };
  }

  async register(subject: string, schema: NewSchema): Promise<number> {
    const body = requestBody(schema);
    const key = `${subject}\n${body}`;
    const known = this.#registered.get(key);
    if (known !== undefined) return known;
    const { id } = (await this.#request('POST', `/subjects/${encodeURIComponent(subject)}/versions`, body)) as {
      id: number;
    };
    this.#registered.set(key, id);
    return id;
  }

  async latest(subject: string): Promise<SubjectSchema | undefined> {
    return this.#fetchVersion(subject, 'latest');
  }

  async version(subject: string, version: number): Promise<SubjectSchema | undefined> {
    return this.cachedVersion(subject, version) ?? this.#fetchVersion(subject, String(version));
  }

  async #fetchVersion(subject: string, version: string): Promise<SubjectSchema | undefined> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
    const body = (await this.#request('GET', path)) as SchemaBody | undefined;
    if (!body) return undefined;
    const schema: SubjectSchema = { ...registrySchema(body, body.id!), subject, version: body.version! };
    this.#versions.set(`${subject}\n${schema.version}`, schema);
    this.#byId.set(schema.id, schema);
    return schema;
  }

  async byId(id: number): Promise<RegistrySchema | undefined> {
    const known = this.#byId.get(id);
    if (known) return known;
    const body = (await this.#request('GET', `/schemas/ids/${id}`)) as SchemaBody | undefined;
    if (!body) return undefined;
    const schema = registrySchema(body, id);
    this.#byId.set(id, schema);
    return schema;
  }

  cachedById(id: number): RegistrySchema | undefined {
    return this.#byId.get(id);
  }

  cachedVersion(subject: string, version: number): SubjectSchema | undefined {
    return this.#versions.get(`${subject}\n${version}`);
  }

  async subjects(): Promise<readonly string[]> {
    return ((await this.#request('GET', '/subjects')) ?? []) as readonly string[];
  }

  async versions(subject: string): Promise<readonly number[]> {
    return ((await this.#request('GET', `/subjects/${encodeURIComponent(subject)}/versions`)) ??
      []) as readonly number[];
  }

  async deleteSubject(subject: string): Promise<readonly number[]> {
    const versions = await this.#request('DELETE', `/subjects/${encodeURIComponent(subject)}`);
    if (!versions) throw new RegistryError(`Subject '${subject}' not found.`, 40401);
    for (const key of this.#registered.keys()) if (key.startsWith(`${subject}\n`)) this.#registered.delete(key);
    return versions as readonly number[];
  }

  async isCompatible(subject: string, schema: NewSchema): Promise<boolean> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions/latest`;
    const answer = (await this.#request('POST', path, requestBody(schema))) as { is_compatible: boolean } | undefined;
    return answer?.is_compatible ?? true;
  }

  /** The answer's body, undefined for what is not there. @throws RegistryError */
  async #request(method: string, path: string, body?: string): Promise<unknown> {
    let failure: unknown;
    for (const url of this.#urls) {
      let response: HttpAnswer;
      try {
        response = await this.#send({
          url: `${url}${path}`,
          method,
          headers: body === undefined ? this.#headers : { ...this.#headers, 'content-type': CONTENT_TYPE },
          body,
          timeoutMs: this.#timeoutMs,
          tls: this.#tls,
        });
      } catch (error) {
        failure = error;
        continue;
      }
      if (response.status >= 200 && response.status < 300) return JSON.parse(response.body);
      const error = errorOf(response);
      if (NOT_FOUND.has(error.code)) return undefined;
      throw error;
    }
    const reason = failure instanceof Error ? failure.message : String(failure);
    throw new RegistryError(`Cannot reach the schema registry at ${this.#urls.join(', ')}: ${reason}`, 0, {
      cause: failure,
    });
  }
}

function requestBody(schema: NewSchema): string {
  return JSON.stringify({
    schema: schema.schema,
    ...(schema.type === 'AVRO' ? {} : { schemaType: schema.type }),
    ...(schema.references?.length ? { references: schema.references } : {}),
  });
}

function registrySchema(body: SchemaBody, id: number): RegistrySchema {
  return { id, type: body.schemaType ?? 'AVRO', schema: body.schema, references: body.references ?? [] };
}

function errorOf({ status, body }: HttpAnswer): RegistryError {
  try {
    const { error_code, message } = JSON.parse(body) as { error_code: number; message: string };
    return new RegistryError(`${message}; error code: ${error_code}`, error_code ?? status);
  } catch {
    return new RegistryError(`The schema registry answered ${status}: ${body.slice(0, 200)}`, status);
  }
}

function authorizationOf({ basicAuth, bearerToken }: HttpRegistryOptions): string | undefined {
  if (bearerToken !== undefined) return `Bearer ${bearerToken}`;
  if (basicAuth === undefined) return undefined;
  return `Basic ${Buffer.from(`${basicAuth.user}:${basicAuth.password}`).toString('base64')}`;
}
