/** The path and the query that a request asks for. */
export interface RequestTarget {
  /** Undefined where a percent sign stands before something else than two digits. */
  readonly path: string | undefined;
  readonly query: URLSearchParams;
}

/**
 * Reads the target of a request as a live ksqlDB does (Vert.x): a path, or a whole URL of which scheme and host do not
 * count. Empty segments, dots and a slash at the end are taken out of the path. Never throws; a text that is neither
 * path nor URL gives a path that no route has.
 */
export function parseTarget(target: string): RequestTarget {
  const scheme = target.startsWith('/') ? -1 : target.indexOf('://');
  const pathAt = scheme < 0 ? 0 : target.indexOf('/', scheme + 3);
  const rest = pathAt < 0 ? '/' : target.slice(pathAt);
  const mark = rest.indexOf('?');
  const path = mark < 0 ? rest : rest.slice(0, mark);
  return {
    path: /%(?![\da-f]{2})/i.test(path) ? undefined : normalized(path),
    query: new URLSearchParams(mark < 0 ? '' : rest.slice(mark + 1)),
  };
}

/** Decodes a part of a path. Bytes that are no UTF-8 give replacement characters, as they do in Java. */
export const decodePart = (part: string): string =>
  part.includes('%') ? new URLSearchParams(`part=${part.replaceAll(/[+&]/g, encodeURIComponent)}`).get('part')! : part;

function normalized(path: string): string {
  if (!path.startsWith('/')) return path;
  const parts: string[] = [];
  for (const written of path.split('/')) {
    const segment = written.replace(/%2e/gi, '.');
    if (segment === '..') parts.pop();
    else if (segment !== '' && segment !== '.') parts.push(segment);
  }
  return `/${parts.join('/')}`;
}
