import { expect, test } from 'vitest';
import { STATEMENT_DOCS } from '../../../language/documentation/statement-docs.ts';
import { formatScript } from '../../../language/index.ts';
import { tokenize } from '../../../language/text/tokens.ts';

const OPTIONS = { dialect: 'latest', testStatements: true } as const;
const SCRIPT = `create stream Orders (id int key, -- the number
  customer int, amount decimal(10, 2)) with (kafka_topic = 'orders', value_format = 'JSON', partitions = 4);
select o.id, o.amount -- in euros
, c.name from Orders o left join Customers c on o.customer = c.id emit changes;
select o.id from Orders o join Payments p within 1 hour on o.id = p.id emit changes;
insert into Orders (id, customer) values (1, 2);
`;

test('leading commas, small keywords and conditions below their joins', () => {
  expect(
    formatScript(SCRIPT, { ...OPTIONS, commas: 'leading', keywordCase: 'lower', joinConditions: 'own-line' }),
  ).toBe(`create stream Orders (
  id int key -- the number
, customer int
, amount decimal(10, 2)
) with (kafka_topic = 'orders', value_format = 'JSON', partitions = 4);
select o.id
     , o.amount -- in euros
     , c.name
from Orders o
left join Customers c
  on o.customer = c.id
emit changes;
select o.id
from Orders o
join Payments p within 1 hour
  on o.id = p.id
emit changes;
insert into Orders (id, customer) values (1, 2);
`);
});

const STYLES = (['trailing', 'leading'] as const).flatMap((commas) =>
  (['upper', 'lower', 'keep'] as const).flatMap((keywordCase) =>
    (['same-line', 'own-line'] as const).flatMap((joinConditions) =>
      [40, 110].map((width) => ({ commas, keywordCase, joinConditions, width })),
    ),
  ),
);

test.each(STYLES)('$commas $keywordCase $joinConditions $width: once is enough, and nothing is lost', (style) => {
  const formatted = formatScript(SCRIPT, { ...OPTIONS, ...style });
  expect(formatScript(formatted, { ...OPTIONS, ...style })).toBe(formatted);
  const values = (text: string) => tokenize(text).map(({ value }) => value);
  expect(values(formatted)).toEqual(values(SCRIPT));
  expect(formatted.match(/--.*/g)).toEqual(SCRIPT.match(/--.*/g));
  // From one style into another and back there is nothing that stays behind.
  expect(formatScript(formatScript(formatted, { ...OPTIONS, commas: 'trailing' }), { ...OPTIONS, ...style })).toBe(
    formatScript(formatScript(SCRIPT, { ...OPTIONS, commas: 'trailing' }), { ...OPTIONS, ...style }),
  );
});

test('every kind of statement keeps its words in another style, and is settled after once', () => {
  const style = { ...OPTIONS, commas: 'leading', keywordCase: 'lower', joinConditions: 'own-line', width: 60 } as const;
  for (const statement of STATEMENT_DOCS.map(({ example }) => `${example}\n`)) {
    const formatted = formatScript(statement, style);
    expect(tokenize(formatted).map(({ value }) => value)).toEqual(tokenize(statement).map(({ value }) => value));
    expect(formatScript(formatted, style)).toBe(formatted);
  }
});

test('the words of keep are those of the script', () => {
  const text = 'Select Id From Orders Emit Changes;\n';
  expect(formatScript(text, { ...OPTIONS, keywordCase: 'keep' })).toBe(text);
});
