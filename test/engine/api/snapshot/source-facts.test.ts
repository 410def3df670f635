import { expect, test } from 'vitest';
import { sourceFacts } from '../../../../engine/api/snapshot/source-facts.ts';

test.each([
  ["CREATE STREAM A (B INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON');", {}],
  ["CREATE SOURCE TABLE A (B INT PRIMARY KEY) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON');", { readOnly: true }],
  ["CREATE STREAM A (B INT) WITH (VALUE_DELIMITER='TAB', VALUE_FORMAT='DELIMITED');", { delimiter: '\t' }],
  ["CREATE STREAM A (B INT) WITH (VALUE_DELIMITER='|', VALUE_FORMAT='DELIMITED');", { delimiter: '|' }],
  ["CREATE STREAM A (B INT KEY) WITH (WINDOW_SIZE='90 SECONDS', WINDOW_TYPE='TUMBLING');", { windowSizeMs: 90_000 }],
  [
    'CREATE TABLE A AS SELECT B FROM C WINDOW HOPPING ( SIZE 1 HOURS , ADVANCE BY 1 MINUTES ) GROUP BY B;',
    { windowSizeMs: 3_600_000 },
  ],
  ['CREATE TABLE A AS SELECT B FROM C WINDOW SESSION ( 60 SECONDS ) GROUP BY B;', {}],
])('%s', (statement, facts) => expect(sourceFacts(statement)).toEqual(facts));
