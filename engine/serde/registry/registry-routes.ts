import {
  type NewSchema,
  RegistryError,
  type SchemaReference,
  type SchemaRegistry,
  type SchemaType,
  type SubjectSchema,
} from './schema-registry.ts';

export interface RegistryAnswer {
  readonly status: number;
  /** To be sent as JSON of the type `application/vnd.schemaregistry.v1+json`. */
  readonly body: unknown;
}

type Route = (registry: SchemaRegistry, parameters: readonly string[], body: unknown) => Promise<unknown>;

/**
 * The part of Confluent's REST API that clients of a registry need, over any registry: so that producers and consumers
 * outside the process share the schemas of the embedded engine.
 */
const ROUTES: readonly { readonly method: string; readonly path: RegExp; readonly answer: Route }[] = [
  { method: 'GET', path: /^\/subjects$/, answer: (registry) => registry.subjects() },
  { method: 'GET', path: /^\/subjects\/([^/]+)\/versions$/, answer: versions },
  { method: 'GET', path: /^\/subjects\/([^/]+)\/versions\/([^/]+)$/, answer: version },
  { method: 'POST', path: /^\/subjects\/([^/]+)\/versions$/, answer: register },
  {
    method: 'DELETE',
    path: /^\/subjects\/([^/]+)$/,
    answer: (registry, [subject]) => registry.deleteSubject(subject!),
  },
  { method: 'GET', path: /^\/schemas\/ids\/(\d+)$/, answer: schemaById },
  { method: 'GET', path: /^\/schemas\/types$/, answer: async () => ['JSON', 'PROTOBUF', 'AVRO'] },
  { method: 'POST', path: /^\/compatibility\/subjects\/([^/]+)\/versions\/latest$/, answer: compatibility },
];

/** Answers a request to the registry's REST API; `body` is the parsed JSON of the request. */
export async function answerRegistryRequest(
  registry: SchemaRegistry,
  method: string,
  url: string,
  body: unknown,
): Promise<RegistryAnswer> {
  const path = url.replace(/\?.*$/, '');
  for (const route of ROUTES) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (!match) continue;
    try {
      return { status: 200, body: await route.answer(registry, match.slice(1).map(decodeURIComponent), body) };
    } catch (error) {
      if (error instanceof RegistryError) return refusal(error.code, error.message);
      throw error;
    }
  }
  return refusal(404, 'HTTP 404 Not Found');
}

/** Error codes of five digits begin with the HTTP status. */
function refusal(code: number, message: string): RegistryAnswer {
  const status = code >= 10_000 ? Math.floor(code / 100) : code;
  return { status, body: { error_code: code, message } };
}

async function versions(registry: SchemaRegistry, [subject]: readonly string[]): Promise<readonly number[]> {
  const numbers = await registry.versions(subject!);
  if (numbers.length === 0) throw unknownSubject(subject!);
  return numbers;
}

async function version(registry: SchemaRegistry, [subject, wanted]: readonly string[]): Promise<unknown> {
  const schema =
    wanted === 'latest' ? await registry.latest(subject!) : await registry.version(subject!, Number(wanted));
  if (schema) return schemaBody(schema);
  if ((await registry.versions(subject!)).length === 0) throw unknownSubject(subject!);
  throw new RegistryError(`Version ${wanted} not found.`, 40402);
}

async function register(registry: SchemaRegistry, [subject]: readonly string[], body: unknown): Promise<unknown> {
  return { id: await registry.register(subject!, newSchema(body)) };
}

async function schemaById(registry: SchemaRegistry, [id]: readonly string[]): Promise<unknown> {
  const schema = await registry.byId(Number(id));
  if (!schema) throw new RegistryError(`Schema ${id} not found`, 40403);
  const { id: _, ...rest } = schemaBody({ ...schema, subject: '', version: 0 });
  return rest;
}

async function compatibility(registry: SchemaRegistry, [subject]: readonly string[], body: unknown): Promise<unknown> {
  return { is_compatible: await registry.isCompatible(subject!, newSchema(body)) };
}

const unknownSubject = (subject: string) => new RegistryError(`Subject '${subject}' not found.`, 40401);

function newSchema(body: unknown): NewSchema {
  const { schema, schemaType, references } = (body ?? {}) as {
    schema?: unknown;
    schemaType?: SchemaType;
    references?: readonly SchemaReference[];
  };
  if (typeof schema !== 'string' || schema === '') throw new RegistryError('Empty schema', 42201);
  return { type: schemaType ?? 'AVRO', schema, ...(references ? { references } : {}) };
}

/** AVRO is the type that goes without saying. */
function schemaBody({ subject, version, id, type, schema, references }: SubjectSchema): Record<string, unknown> {
  return {
    ...(subject === '' ? {} : { subject, version }),
    id,
    ...(type === 'AVRO' ? {} : { schemaType: type }),
    ...(references.length === 0 ? {} : { references }),
    schema,
  };
}
