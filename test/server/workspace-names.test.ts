import { describe, expect, test } from 'vitest';
import type { DocumentHighlight, Location, TextEdit, WorkspaceEdit, WorkspaceSymbol } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { LspSession } from './lsp-session.ts';

const FOLDER = 'vfs://project';
const WITH = "WITH (KAFKA_TOPIC = 'o', VALUE_FORMAT = 'JSON', PARTITIONS = 1, TIMESTAMP = 'made')";
const FILES = {
  'sources.ksql': `CREATE TYPE address AS STRUCT<city STRING>;
CREATE STREAM orders (id INT KEY, item STRING, qty INT, made BIGINT, place address) ${WITH};
CREATE TABLE items (id STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC = 'i', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
`,
  'priced.ksql': `CREATE STREAM priced AS
  SELECT o.item, o.id AS number, qty * price AS paid FROM orders o JOIN items i ON o.item = i.id;
CREATE STREAM all_orders AS SELECT * FROM orders PARTITION BY item;
`,
  'main.ksql': `CREATE TABLE totals AS SELECT item, SUM(paid) AS total FROM priced GROUP BY item;
INSERT INTO orders (id, item) VALUES (1, 'pear');
SELECT item, total FROM totals EMIT CHANGES;
PRINT 'TOTALS';
`,
};
type Files = Readonly<Record<string, string>>;

/** Does something in a workspace at the `$0` that one of its files has. */
async function inWorkspace<T>(
  files: Files,
  act: (
    session: LspSession,
    place: { textDocument: { uri: string }; position: { line: number; character: number } },
  ) => Promise<T>,
): Promise<T> {
  const [marked, text] = Object.entries(files).find(([, each]) => each.includes('$0'))!;
  const plain = new Map(Object.entries(files).map(([name, each]) => [`${FOLDER}/${name}`, each.replace('$0', '')]));
  const session = await LspSession.start({ readsFiles: true }, { folder: FOLDER, files: plain });
  try {
    const uri = `${FOLDER}/${marked}`;
    await session.open(uri, plain.get(uri)!);
    const position = TextDocument.create(uri, 'ksql', 1, plain.get(uri)!).positionAt(text.indexOf('$0'));
    return await act(session, { textDocument: { uri }, position });
  } finally {
    session.end();
  }
}

/** The files with a `$0` behind the first `word` of one of them. */
const marked = (files: Files, name: string, word: RegExp): Files => ({
  ...files,
  [name]: files[name]!.replace(word, (found) => `${found}$0`),
});

/** Lines with the places marked. */
function shown(files: Files, locations: readonly Location[]): string[] {
  return locations
    .map(({ uri, range }) => {
      const name = uri.slice(FOLDER.length + 1);
      const line = files[name]!.replace('$0', '').split('\n')[range.start.line]!;
      const { start, end } = range;
      return `${name}:${start.line + 1} ${line.slice(Math.max(0, start.character - 8), start.character)}[${line.slice(start.character, end.character)}]`;
    })
    .sort();
}

async function renamed(files: Files, newName: string): Promise<Files> {
  const edit = await inWorkspace(files, (session, place) =>
    session.request<WorkspaceEdit>('textDocument/rename', { ...place, newName }),
  );
  return Object.fromEntries(
    Object.entries(edit.changes ?? {}).map(([uri, edits]) => {
      const name = uri.slice(FOLDER.length + 1);
      const document = TextDocument.create(uri, 'ksql', 1, files[name]!.replace('$0', ''));
      return [name, TextDocument.applyEdits(document, edits as TextEdit[])];
    }),
  );
}

describe('references', () => {
  const referencesOf = async (files: Files) =>
    shown(
      files,
      await inWorkspace(files, (session, place) =>
        session.request<Location[]>('textDocument/references', { ...place, context: { includeDeclaration: true } }),
      ),
    );

  test('of a source, in all files', async () => {
    expect(await referencesOf(marked(FILES, 'main.ksql', /INTO orders/))).toEqual([
      'main.ksql:2 RT INTO [orders]',
      'priced.ksql:2 id FROM [orders]',
      'priced.ksql:3  * FROM [orders]',
      'sources.ksql:2  STREAM [orders]',
    ]);
  });

  test('of a column, in lists, expressions, and texts that mean it', async () => {
    expect(await referencesOf(marked(FILES, 'sources.ksql', /made/))).toEqual([
      "sources.ksql:2 TAMP = '[made]",
      'sources.ksql:2 ty INT, [made]',
    ]);
    expect(await referencesOf(marked(FILES, 'priced.ksql', /o\.item/))).toEqual([
      'main.ksql:2 rs (id, [item]',
      'priced.ksql:2  i ON o.[item]',
      'priced.ksql:2 ELECT o.[item]',
      'priced.ksql:3 TION BY [item]',
      'sources.ksql:2 NT KEY, [item]',
    ]);
  });

  test('of a type, and of a topic that two statements name', async () => {
    expect(await referencesOf(marked(FILES, 'sources.ksql', /place address/))).toHaveLength(2);
  });
});

test.each([
  ['a source', 'main.ksql', /FROM priced/, ['priced.ksql:1  STREAM [priced]']],
  ['a column through several files, to its declaration', 'main.ksql', /SELECT item, total/, undefined],
  ['a column by its name, through a join', 'main.ksql', /SELECT item/, ['sources.ksql:2 NT KEY, [item]']],
  ['a column that AS names', 'main.ksql', /SUM\(paid/, ['priced.ksql:2 rice AS [paid]']],
  ['an alias', 'priced.ksql', /SELECT o/, ['priced.ksql:2  orders [o]']],
])('definition of %s', async (_title, file, word, expected) => {
  const files = marked(FILES, file, word);
  const found = await inWorkspace(files, (session, place) =>
    session.request<Location | null>('textDocument/definition', place),
  );
  if (expected !== undefined) expect(shown(files, [found!])).toEqual(expected);
  else expect(shown(files, [found!])[0]).toMatch(/main\.ksql:1 .*\[total\]/);
});

test('the type behind a column', async () => {
  const files = marked(FILES, 'sources.ksql', /place/);
  const found = await inWorkspace(files, (session, place) =>
    session.request<Location>('textDocument/typeDefinition', place),
  );
  expect(shown(files, [found])).toEqual(['sources.ksql:1 TE TYPE [address]']);
});

describe('rename', () => {
  const NESTED: Files = {
    'sources.ksql': `CREATE STREAM visits (id INT KEY, who STRUCT<name STRING, home STRUCT<city STRING, zip INT>>, city STRING) ${WITH.replace(", TIMESTAMP = 'made'", '')};
`,
    'all.ksql': `CREATE STREAM all_visits AS SELECT id, who AS person, city FROM visits;
CREATE STREAM homes AS SELECT id, who->home AS home, who->home->city AS town FROM visits;
CREATE STREAM towns AS SELECT id, who->home->city FROM visits;
`,
    'main.ksql': `CREATE STREAM named AS SELECT * FROM all_visits WHERE person->home->city = 'Bern';
SELECT person->home->city, city FROM named EMIT CHANGES;
`,
  };

  test.each([
    ['where it is declared', 'sources.ksql', /home STRUCT<city/],
    ['where it is read, through two queries', 'main.ksql', /SELECT person->home->city/],
  ])('a field of a struct, %s: in every statement that the struct is handed on to', async (_title, file, word) => {
    const after = await renamed(marked(NESTED, file, word), 'place');
    expect(after['sources.ksql']).toBe(NESTED['sources.ksql']!.replace('STRUCT<city', 'STRUCT<place'));
    // A column that has its name from the field keeps it, here beside another column CITY of the source.
    expect(after['all.ksql']).toBe(
      NESTED['all.ksql']!.replaceAll('home->city', 'home->place').replace(
        'home->place FROM',
        'home->place AS city_1 FROM',
      ),
    );
    expect(after['main.ksql']).toBe(NESTED['main.ksql']!.replaceAll('home->city', 'home->place'));
  });

  test.each([
    ['that the struct has already', NESTED, 'sources.ksql', /home STRUCT<city/, 'zip', /zip|ZIP/],
    [
      'where it is one of a custom type',
      FILES,
      'sources.ksql',
      /STRUCT<city/,
      'town',
      /fields of types cannot be renamed/,
    ],
  ])('a field does not get a name %s', async (_title, files, file, word, name, message) => {
    await expect(renamed(marked(files, file, word), name)).rejects.toThrow(message);
  });

  test('a source: where it is made, read and written to, and the topic that has its name', async () => {
    expect(await renamed(marked(FILES, 'main.ksql', /TABLE totals/), 'sums')).toEqual({
      'main.ksql': FILES['main.ksql'].replaceAll('totals', 'sums').replace('TOTALS', 'SUMS'),
    });
    const { 'sources.ksql': sources, ...others } = await renamed(
      marked(FILES, 'main.ksql', /INTO orders/),
      'purchases',
    );
    expect(sources).toContain('CREATE STREAM purchases (');
    expect(others['priced.ksql']).toContain('FROM purchases o JOIN');
    expect(others['main.ksql']).toContain('INSERT INTO purchases (id, item)');
  });

  test('a column: through every statement that hands it on, by its name or by *', async () => {
    const after = await renamed(marked(FILES, 'sources.ksql', /KEY, item/), 'thing');
    expect(after['sources.ksql']).toContain('thing STRING');
    expect(after['priced.ksql']).toBe(
      FILES['priced.ksql']
        .replace('o.item, o', 'o.thing, o')
        .replace('ON o.item', 'ON o.thing')
        .replace('BY item', 'BY thing'),
    );
    expect(after['main.ksql']).toBe(FILES['main.ksql'].replaceAll('item', 'thing'));
  });

  test('a column that a query hands on gets its name there, with AS', async () => {
    const after = await renamed(marked(FILES, 'main.ksql', /, total/), 'sum_of_all');
    expect(after).toEqual({ 'main.ksql': FILES['main.ksql'].replaceAll(/\btotal\b/g, 'sum_of_all') });
    const fruits = await renamed(marked(FILES, 'main.ksql', /GROUP BY item/), 'fruit');
    expect(fruits['priced.ksql']).toContain('SELECT o.item AS fruit, o.id AS number');
    expect(fruits['main.ksql']).toBe(
      FILES['main.ksql']
        .replace('SELECT item, SUM', 'SELECT fruit, SUM')
        .replace('BY item', 'BY fruit')
        .replace('SELECT item, total', 'SELECT fruit, total'),
    );
    expect(fruits['sources.ksql']).toBeUndefined();
  });

  test('a star is written out where one of its columns gets another name', async () => {
    const files = {
      'a.ksql': `CREATE STREAM a (id INT KEY, x INT, y INT) WITH (KAFKA_TOPIC = 'a', VALUE_FORMAT = 'JSON', PARTITIONS = 1);`,
      'b.ksql': 'CREATE STREAM b AS SELECT * FROM a;\nSELECT x$0 FROM b EMIT CHANGES;\n',
    };
    expect(await renamed(files, 'z')).toEqual({
      'b.ksql': 'CREATE STREAM b AS SELECT id, x AS z, y FROM a;\nSELECT z FROM b EMIT CHANGES;\n',
    });
  });

  test('names that joins make of aliases and columns follow', async () => {
    const files = {
      'a.ksql': `CREATE STREAM a (id INT KEY, x INT) WITH (KAFKA_TOPIC = 'a', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE STREAM b (id INT KEY, x INT) WITH (KAFKA_TOPIC = 'b', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE STREAM c AS SELECT * FROM a l$0 JOIN b r WITHIN 1 HOUR ON l.id = r.id;
`,
      'b.ksql': 'SELECT l_x, r_x, `L_ID` FROM c EMIT CHANGES;\n',
    };
    const after = await renamed(files, 'first');
    expect(after['a.ksql']).toContain('FROM a first JOIN b r WITHIN 1 HOUR ON first.id = r.id;');
    expect(after['b.ksql']).toBe('SELECT first_x, r_x, first_id FROM c EMIT CHANGES;\n');
  });

  test('a column that would be one of two is qualified', async () => {
    const files = {
      'a.ksql': `CREATE STREAM a (id INT KEY, x$0 INT) WITH (KAFKA_TOPIC = 'a', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
CREATE STREAM b (id INT KEY, y INT) WITH (KAFKA_TOPIC = 'b', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
SELECT x + y AS sum FROM a JOIN b WITHIN 1 HOUR ON a.id = b.id EMIT CHANGES;
`,
    };
    expect((await renamed(files, 'y'))['a.ksql']).toContain('SELECT a.y + b.y AS sum FROM');
  });

  test.each([
    ['a type', 'sources.ksql', /TYPE address/, 'spot', 'place spot)'],
    ['a column with AS', 'priced.ksql', /AS paid/, '`Paid up`', 'AS `Paid up` FROM'],
  ])('%s', async (_title, file, word, name, expected) => {
    const after = await renamed(marked(FILES, file, word), name);
    expect(after[file]).toContain(expected);
  });

  test('a variable, in names and in texts', async () => {
    const text = "DEFINE least$0 = '3';\nSELECT '${least}' AS a FROM orders WHERE qty > ${least} EMIT CHANGES;\n";
    expect(await renamed({ ...FILES, 'v.ksql': text }, 'minimum')).toEqual({
      'v.ksql': text.replace('$0', '').replaceAll('least', 'minimum'),
    });
  });

  test.each([
    ['a name that is taken', 'main.ksql', /INTO orders/, 'items', 'There is a source named ITEMS already.'],
    ['a name that is none', 'main.ksql', /INTO orders/, 'two words', 'two words is no name.'],
    ['an alias that is taken', 'priced.ksql', /SELECT o/, 'i', 'With that name something would be wrong'],
  ])('%s is refused', async (_title, file, word, name, message) => {
    await expect(renamed(marked(FILES, file, word), name)).rejects.toThrow(message);
  });

  test('what no file makes is refused before one types', async () => {
    const files = { ...FILES, 'x.ksql': 'SELECT a FROM nowhere$0 EMIT CHANGES;' };
    await expect(
      inWorkspace(files, (session, place) => session.request('textDocument/prepareRename', place)),
    ).rejects.toThrow('No file of this project makes NOWHERE');
  });
});

test('highlights tell reading from writing, and aliases are typed in all places at once', async () => {
  const files = marked(FILES, 'priced.ksql', /SELECT o/);
  const [highlights, linked] = await inWorkspace(files, async (session, place) => [
    await session.request<DocumentHighlight[]>('textDocument/documentHighlight', place),
    await session.request<{ ranges: unknown[] }>('textDocument/linkedEditingRange', place),
  ]);
  expect(highlights.map(({ kind }) => kind)).toEqual([2, 2, 3, 2]);
  expect(linked.ranges).toHaveLength(4);
});

test('symbols of the workspace are found by letters of their names', async () => {
  const found = await inWorkspace(marked(FILES, 'main.ksql', /totals/), (session) =>
    session.request<WorkspaceSymbol[]>('workspace/symbol', { query: 'orr' }),
  );
  expect(found.map(({ name, containerName }) => `${name} ${containerName}`)).toEqual([
    'ALL_ORDERS priced.ksql',
    'ORDERS sources.ksql',
  ]);
});
