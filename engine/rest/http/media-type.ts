/** The representations that rows of a query can have. */
export type RowFormat = 'delimited' | 'json' | 'streamed-row' | 'protobuf';

export const JSON_TYPE = 'application/json';
export const KSQL_V1_JSON = 'application/vnd.ksql.v1+json';
export const KSQL_V1_PROTOBUF = 'application/vnd.ksql.v1+protobuf';
export const DELIMITED_V1 = 'application/vnd.ksqlapi.delimited.v1';

interface Range {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
}

function ranges(accept: string): readonly Range[] {
  return accept
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim());
      const slash = range.indexOf('/');
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      return {
        // Without a slash it is the second half of a type.
        type: slash < 0 ? '*' : range.slice(0, slash).toLowerCase(),
        subtype: range.slice(slash + 1),
        quality: quality === undefined ? 1 : Number(quality.slice(2)),
      };
    })
    .sort((a, b) => b.quality - a.quality);
}

function matches({ type, subtype }: Range, offered: string): boolean {
  const slash = offered.indexOf('/');
  return (
    (type === '*' || type === offered.slice(0, slash)) && (subtype === '*' || subtype === offered.slice(slash + 1))
  );
}

/**
 * Chooses what to answer with among `offered`, in the server's order of preference where the client leaves it open.
 * Without an Accept header that is the first; undefined when nothing fits (HTTP 406). As in ksqlDB's router a quality
 * only orders what is asked for, 0 included, and subtypes are told apart by case.
 */
export function negotiate(accept: string | undefined, offered: readonly string[]): string | undefined {
  if (accept === undefined || accept.trim() === '') return offered[0];
  for (const range of ranges(accept)) {
    const found = offered.find((type) => matches(range, type));
    if (found !== undefined) return found;
  }
  return undefined;
}
