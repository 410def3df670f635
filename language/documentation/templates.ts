/** What is often written, in one or more statements, as a snippet. */
export interface Template {
  readonly label: string;
  readonly detail: string;
  readonly snippet: string;
}

/** Whole queries by what they are for; the editor offers them where a statement may begin. */
export const TEMPLATES: readonly Template[] = [
  {
    label: 'count per window',
    detail: 'A table that counts rows per key and time',
    snippet: `CREATE TABLE \${1:counts} AS
  SELECT \${3:key}, COUNT(*) AS total
  FROM \${2:source}
  WINDOW TUMBLING (SIZE \${4:1} \${5|MINUTES,HOURS,DAYS|})
  GROUP BY \${3:key}
  EMIT CHANGES;`,
  },
  {
    label: 'enrich by a table',
    detail: 'A stream with columns of a table',
    snippet: `CREATE STREAM \${1:enriched} AS
  SELECT s.*, t.\${5:name}
  FROM \${2:source} s
  LEFT JOIN \${3:lookup} t ON s.\${4:id} = t.\${6:id}
  EMIT CHANGES;`,
  },
  {
    label: 'join two streams',
    detail: 'Rows of two streams that come close together',
    snippet: `CREATE STREAM \${1:joined} AS
  SELECT l.\${4:id}, l.\${5:value}, r.\${6:value}
  FROM \${2:first} l
  INNER JOIN \${3:second} r WITHIN \${7:1} \${8|MINUTES,HOURS,DAYS|} ON l.\${4:id} = r.\${4:id}
  EMIT CHANGES;`,
  },
  {
    label: 'latest row per key',
    detail: 'A table of the newest values of a stream',
    snippet: `CREATE TABLE \${1:latest} AS
  SELECT \${3:key}, LATEST_BY_OFFSET(\${4:value}) AS \${4:value}
  FROM \${2:source}
  GROUP BY \${3:key}
  EMIT CHANGES;`,
  },
  {
    label: 'without duplicates',
    detail: 'The first row per key and window',
    snippet: `CREATE TABLE \${1:seen} AS
  SELECT \${3:key}, EARLIEST_BY_OFFSET(\${4:value}) AS \${4:value}
  FROM \${2:source}
  WINDOW TUMBLING (SIZE \${5:1} \${6|MINUTES,HOURS,DAYS|})
  GROUP BY \${3:key}
  EMIT FINAL;`,
  },
  {
    label: 'new key',
    detail: 'A stream by another key',
    snippet: `CREATE STREAM \${1:by_key} AS
  SELECT *
  FROM \${2:source}
  PARTITION BY \${3:column}
  EMIT CHANGES;`,
  },
  {
    label: 'split by a condition',
    detail: 'Two streams of one',
    snippet: `CREATE STREAM \${1:matching} AS
  SELECT *
  FROM \${3:source}
  WHERE \${4:condition}
  EMIT CHANGES;

CREATE STREAM \${2:others} AS
  SELECT *
  FROM \${3:source}
  WHERE NOT (\${4:condition})
  EMIT CHANGES;`,
  },
  {
    label: 'one row per element',
    detail: 'The elements of an array as rows',
    snippet: `CREATE STREAM \${1:elements} AS
  SELECT \${3:key}, EXPLODE(\${4:tags}) AS \${5:element}
  FROM \${2:source}
  EMIT CHANGES;`,
  },
];
