import { EngineError, ERROR_CODE } from '../errors.ts';

/** What a Kafka Connect worker answered. */
export interface ConnectResponse {
  readonly status: number;
  readonly body: unknown;
}

/** Sends a request to Kafka Connect. @throws EngineError when no worker answers */
export async function connectRequest(
  connectUrl: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<ConnectResponse> {
  let response: Response;
  try {
    response = await fetch(new URL(path, connectUrl), {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    const { cause } = error as Error;
    const reason =
      cause instanceof AggregateError
        ? cause.errors.map(String).join('; ')
        : cause instanceof Error
          ? cause.message
          : String(error);
    const message = `Connect to ${connectUrl} failed: ${reason}\nCaused by: Could not connect to the server. Please check the server details are\n\tcorrect and that the server is running.`;
    throw new EngineError(ERROR_CODE.serverError, message, { cause: error });
  }
  const text = await response.text();
  try {
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  } catch {
    return { status: response.status, body: text };
  }
}

/** The message of an error that Connect reports. */
export function connectMessage({ body, status }: ConnectResponse): string {
  const message = (body as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? message : `HTTP ${status}`;
}
