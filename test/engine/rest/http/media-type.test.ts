import { expect, test } from 'vitest';
import { negotiate } from '../../../../engine/rest/http/media-type.ts';

const OFFERED = ['application/vnd.ksql.v1+json', 'application/json'];

/** What a live ksqlDB 7.9.9 answered to these. */
test.each([
  [undefined, OFFERED[0]],
  ['', OFFERED[0]],
  ['*/*', OFFERED[0]],
  ['*', OFFERED[0]],
  ['application/json', OFFERED[1]],
  ['Application/json', OFFERED[1]],
  ['application/JSON', undefined],
  ['json', OFFERED[1]],
  ['application', undefined],
  ['text/*', undefined],
  ['application/*;q=0', OFFERED[0]],
  ['text/html, application/json;q=0.5', OFFERED[1]],
])('Accept: %s', (accept, answered) => {
  expect(negotiate(accept, OFFERED)).toBe(answered);
});
