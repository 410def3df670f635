import { expect, test } from 'vitest';
import { parseScript } from '../../../language/index.ts';
import { sessionChangeIn, sessionChangeOf } from '../../../language/script/session-change.ts';
import { SessionState } from '../../../language/script/session-state.ts';

const SCRIPT = `SET 'auto.offset.reset' = 'earliest';
set 'it''s' = 'a ''quoted'' value';
UNSET 'auto.offset.reset';
DEFINE Place = 'here';
define place='there';
DEFINE "quoted" = 'x';
DEFINE \`ticked\` = '';
UNDEFINE PLACE;
SHOW STREAMS;
SELECT 1 FROM a EMIT CHANGES;
`;

test('a statement does the same to a session whether its tree is read or its words', () => {
  const { statements } = parseScript(SCRIPT, { dialect: 'latest' });
  const changes = statements.map(({ node, text }) => sessionChangeOf(node, text));
  expect(statements.map(({ text }) => sessionChangeIn(text))).toEqual(changes);
  expect(changes.slice(0, 8)).toMatchObject([
    { kind: 'set', name: 'auto.offset.reset', value: 'earliest' },
    { kind: 'set', name: "it's", value: "a 'quoted' value" },
    { kind: 'unset', name: 'auto.offset.reset' },
    { kind: 'define', name: 'Place', value: 'here' },
    { kind: 'define', name: 'place', value: 'there' },
    { kind: 'define', value: 'x' },
    { kind: 'define', value: '' },
    { kind: 'undefine', name: 'PLACE' },
  ]);
  expect(changes.slice(8)).toEqual([undefined, undefined]);
});

test('a variable is one however it is written, and shown as it was written first', () => {
  const session = new SessionState([['kept', '1']], [['Place', 'here']]);
  session.apply({ kind: 'define', name: 'pLACE', value: 'there' });
  expect(session.listVariables()).toEqual([{ name: 'Place', value: 'there' }]);
  expect(session.apply({ kind: 'undefine', name: 'PLACE' })).toBe(true);
  expect(session.apply({ kind: 'undefine', name: 'PLACE' })).toBe(false);
  expect(session.sentVariables()).toEqual({});
  expect(session.apply({ kind: 'unset', name: 'kept' })).toBe(true);
  expect([...session.properties]).toEqual([]);
});
