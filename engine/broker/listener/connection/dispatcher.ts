import { type Client, type Route, route } from '../protocol/api-route.ts';
import { ERROR } from '../protocol/error-codes.ts';
import { MessageReader, ProtocolError } from '../protocol/message-reader.ts';
import { MessageWriter } from '../protocol/message-writer.ts';
import { API_VERSIONS } from '../protocol/topic-messages.ts';

/** The size before each answer. */
const SIZE_BYTES = 4;

/** Reads the header of a request, has its route answer it, and frames the answer. */
export class Dispatcher {
  readonly #routes: ReadonlyMap<number, Route>;

  constructor(routes: readonly Route[]) {
    const apiVersions = route(API_VERSIONS, () => this.#versions(ERROR.none));
    this.#routes = new Map([...routes, apiVersions].map((each) => [each.api.key, each]));
  }

  /**
   * @param frame a request without its size
   * @returns what goes to the client, in pieces; undefined for nothing
   * @throws ProtocolError when the bytes are no request that is understood
   */
  async answer(frame: Buffer, client: Omit<Client, 'id'>): Promise<readonly Uint8Array[] | undefined> {
    const from = new MessageReader(frame);
    const key = from.int16();
    const version = from.int16();
    const correlationId = from.int32();
    const idLength = from.int16();
    const id = idLength < 0 ? '' : from.text(idLength);
    const found = this.#routes.get(key);
    if (found === undefined) throw new ProtocolError(`Requests of kind ${key} are not understood.`);
    const { versions, flexibleSince, name } = found.api;
    if (version < versions[0] || version > versions[1]) {
      // The one request that is answered in any version: it tells which there are.
      if (key === API_VERSIONS.key) return this.#refuseVersion(correlationId);
      throw new ProtocolError(
        `${name} is understood in versions ${versions[0]} to ${versions[1]}; ${id || 'the client'} sent ${version}.`,
      );
    }
    const isFlexible = version >= flexibleSince;
    if (isFlexible) from.skipTags();
    const body = await found.answer(from, { version, isFlexible }, { ...client, id });
    // So that clients of every age can read it, this answer has the oldest header.
    return body && framed(correlationId, isFlexible && key !== API_VERSIONS.key, body);
  }

  #refuseVersion(correlationId: number): readonly Uint8Array[] {
    const to = new MessageWriter();
    API_VERSIONS.response.write(to, this.#versions(ERROR.unsupportedVersion), { version: 0, isFlexible: false });
    return framed(correlationId, false, to.taken());
  }

  #versions(errorCode: number) {
    const apis = [...this.#routes.values()].map(({ api: { key, versions } }) => ({
      key,
      minVersion: versions[0],
      maxVersion: versions[1],
    }));
    return { errorCode, apis };
  }
}

function framed(correlationId: number, hasTags: boolean, body: readonly Uint8Array[]): readonly Uint8Array[] {
  const head = Buffer.alloc(SIZE_BYTES * 2 + (hasTags ? 1 : 0));
  const bodyBytes = body.reduce((sum, { length }) => sum + length, 0);
  head.writeInt32BE(head.length - SIZE_BYTES + bodyBytes, 0);
  head.writeInt32BE(correlationId, SIZE_BYTES);
  return [head, ...body];
}
