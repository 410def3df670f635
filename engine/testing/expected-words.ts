/**
 * How ksqlDB's messages begin inside the server when it fails before the analysis; the REST API and this engine leave
 * it out.
 */
const PREPARING = /^(?:Failed to prepare statement|Exception while preparing statement): /;

/** Whether a failure has the words that a test expects in it. */
export function hasWords(message: string, expected: string): boolean {
  if (message.includes(expected)) return true;
  const prefix = PREPARING.exec(expected)?.[0];
  return prefix !== undefined && message.startsWith(expected.slice(prefix.length));
}
