/** Words that cannot stand as a name unquoted. Sorted as statements.md lists them. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  (
    'SELECT FROM AS ALL DISTINCT WHERE WITHIN WINDOW GROUP BY HAVING LIMIT AT OR AND IN NOT EXISTS BETWEEN LIKE IS NULL TRUE FALSE ' +
    'MILLISECOND YEARS MONTHS DAYS HOURS MINUTES SECONDS MILLISECONDS TUMBLING HOPPING SIZE ADVANCE RETENTION CASE WHEN THEN ELSE ' +
    'END JOIN FULL OUTER INNER LEFT RIGHT ON WITH VALUES CREATE TABLE TOPIC STREAM STREAMS INSERT DELETE INTO DESCRIBE EXTENDED ' +
    'PRINT CAST LIST TOPICS QUERY QUERIES TERMINATE PAUSE RESUME LOAD DROP TO RENAME SAMPLE EXPORT CATALOG PROPERTIES BEGINNING ' +
    'UNSET RUN SCRIPT DECIMAL CONNECTOR CONNECTORS NAMESPACE MATERIALIZED VIEW'
  ).split(' '),
);

/** A name as it has to be written: in back-quotes where it would not be read back as it is. */
export function identifierText(name: string): string {
  const plain = /^([A-Z_][A-Z0-9_@]*|[0-9][A-Z0-9_@]*[A-Z_@][A-Z0-9_@]*)$/.test(name) && !RESERVED_WORDS.has(name);
  return plain || name.startsWith('${') ? name : `\`${name.replaceAll('`', '``')}\``;
}

/** A text as a string literal. */
export const stringText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
