/** The representations that rows of a query can have. */
export type RowFormat = 'delimited' | 'json' | 'streamed-row' | 'protobuf';

export const JSON_TYPE = 'application/json';
export const KSQL_V1_JSON = 'application/vnd.ksql.v1+json';
export const KSQL_V1_PROTOBUF = 'application/vnd.ksql.v1+protobuf';
export const DELIMITED_V1 = 'application/vnd.ksqlapi.delimited.v1';

interface Range {
  readonly type: string;
  readonly quality: number;
}

function ranges(accept: string): readonly Range[] {
  return accept
    .split(',')
    .map((part) => {
      const [type, ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      return { type: type ?? '', quality: quality === undefined ? 1 : Number(quality.slice(2)) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
}

const matches = (range: string, offered: string): boolean =>
  range === '*/*' || range === offered || (range.endsWith('/*') && offered.startsWith(range.slice(0, -1)));

/**
 * Chooses what to answer with among `offered`, in the server's order of preference where the client leaves it open. Without
 * an Accept header that is the first; undefined when nothing fits (HTTP 406).
 */
export function negotiate(accept: string | undefined, offered: readonly string[]): string | undefined {
  if (accept === undefined || accept.trim() === '') return offered[0];
  for (const range of ranges(accept)) {
    const found = offered.find((type) => matches(range.type, type));
    if (found !== undefined) return found;
  }
  return undefined;
}
