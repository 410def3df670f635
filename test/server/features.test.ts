import { describe, expect, test } from 'vitest';
import type { MarkupContent } from 'vscode-languageserver';
import { codeActions } from '../../server/features/code-actions.ts';
import { definition } from '../../server/features/definition.ts';
import { diagnose } from '../../server/features/diagnostics.ts';
import { folding } from '../../server/features/folding.ts';
import { hover } from '../../server/features/hover.ts';
import { lenses } from '../../server/features/lenses.ts';
import { SEMANTIC_LEGEND, semanticTokens } from '../../server/features/semantic-tokens.ts';
import { signatureHelp } from '../../server/features/signature-help.ts';
import { symbols } from '../../server/features/symbols.ts';
import { RATINGS, SERVER, scriptAt } from './script.ts';

const titlesOf = (text: string) => lenses(scriptAt(text).script, 'embedded engine').map((lens) => lens.command?.title);

describe('lenses', () => {
  const BELOW = 'CREATE STREAM b AS SELECT * FROM a;\nSHOW STREAMS;\n';
  /** The lines that have lenses, with what they offer. */
  const linesOf = (text: string) =>
    lenses(scriptAt(text).script, 'e').map(({ range, command }) => `${range.start.line} ${command?.title}`);

  test.each([
    'SELECT a,\n b FROM c EMIT CHANGES;',
    'CREATE TABLE t AS\nSELECT x FROM c;',
    "PRINT 'c';",
    'LIST TOPICS;',
  ])('those below stay while %j is typed, and its own come but once', (typed) => {
    let own: readonly string[] = [];
    for (let length = 1; length <= typed.length; length++) {
      const text = typed.slice(0, length);
      const lines = linesOf(`${text}\n${BELOW}`);
      const below = text.split('\n').length;
      for (const [line, title] of [
        [below, 'Preview'],
        [below + 1, '▷ Run'],
      ] as const)
        expect(lines, text).toContain(`${line} ${title}`);
      const now = lines.filter((line) => line.startsWith('0 ▷ Run') && !line.includes('all'));
      expect(now.length, text).toBeGreaterThanOrEqual(own.length);
      own = now;
    }
    expect(own).toHaveLength(1);
  });

  test.each([
    ['a push query', 'SELECT * FROM a EMIT CHANGES;', ['▷ Run', 'From the beginning', 'Explain']],
    ['a pull query', 'SELECT * FROM a;', ['▷ Run', 'Explain']],
    ['CREATE AS', 'CREATE STREAM b AS SELECT * FROM a;', ['▷ Run', 'Preview', 'Explain']],
    ['a plain CREATE', "CREATE STREAM a (b INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON');", ['▷ Run']],
    ['a broken statement, which keeps its line', 'SELECT FROM;', ['▷ Run', 'Explain']],
  ])('%s', (_title, text, expected) => {
    expect(titlesOf(text)).toEqual(expected);
  });

  test('a file of several statements can be run as a whole', () => {
    expect(titlesOf('SHOW STREAMS; SHOW TABLES;')).toEqual(['▷ Run all · embedded engine', '▷ Run', '▷ Run']);
  });
});

describe('hover', () => {
  const textAt = async (marked: string, figures?: string) => {
    const { script, position } = scriptAt(marked, SERVER);
    const found = await hover(script, position, async () => figures);
    return (found?.contents as MarkupContent | undefined)?.value;
  };

  test('a function: signature, summary, example', async () => {
    const text = await textAt('SELECT UC$0ASE(url) FROM clicks;');
    expect(text).toContain('UCASE(');
    expect(text).toContain('-- ');
  });

  test('a source: columns, key, format, topic, live figures', async () => {
    const text = await textAt('SELECT url FROM cl$0icks EMIT CHANGES;', '12 rows/s');
    expect(text).toContain('STREAM CLICKS');
    expect(text).toContain('| `URL` | `STRING` | key |');
    expect(text).toContain('AVRO, key KAFKA · topic `clicks`');
    expect(text).toContain('12 rows/s');
  });

  test('a column: its type and source', async () => {
    expect(await textAt(`${RATINGS}SELECT sta$0rs FROM ratings EMIT CHANGES;`)).toMatch(/stars INTEGER[\s\S]*RATINGS/);
  });

  test('a column: what it is computed from, step by step, also under an alias', async () => {
    const text =
      await textAt(`CREATE STREAM orders (id INT KEY, item STRING, qty INT) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON');
CREATE TABLE items (item STRING PRIMARY KEY, price DOUBLE) WITH (KAFKA_TOPIC='items', VALUE_FORMAT='JSON');
CREATE STREAM priced AS SELECT o.item AS item, qty * price AS paid FROM orders o JOIN items i ON o.item = i.item;
CREATE TABLE totals AS SELECT item, SUM(paid) AS total FROM priced GROUP BY item;
SELECT t.to$0tal FROM totals t EMIT CHANGES;`);
    expect(text).toContain('column of [`TOTALS`](file:///test.ksql#L4)');
    expect(text).toContain('`TOTALS.TOTAL` ← `PRICED.PAID`  \n`PRICED.PAID` ← `ORDERS.QTY`, `ITEMS.PRICE`');
  });

  test('a property', async () => {
    expect(await textAt("CREATE STREAM a (b INT) WITH (VALUE_F$0ORMAT='JSON', KAFKA_TOPIC='a');")).toContain(
      'laid out',
    );
  });

  test('nothing where there is nothing to say', async () => {
    expect(await textAt('SELECT 1$02 FROM clicks;')).toBeUndefined();
  });
});

describe('diagnostics', () => {
  test('a script without errors has none, also when the server has its sources already', () => {
    const { script } = scriptAt(
      "CREATE STREAM clicks (url STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
      SERVER,
    );
    expect(diagnose(script)).toEqual([]);
  });

  test('a test has an engine of its own: what the connected one has is not in its way', () => {
    const { script } = scriptAt(
      "--@test: one\nCREATE STREAM clicks (url STRING) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');",
      SERVER,
    );
    expect(diagnose(script)).toEqual([]);
  });

  test('an unknown column is marked at its name, with a fix', () => {
    const text = `${RATINGS}SELECT strs FROM ratings EMIT CHANGES;`;
    const { script } = scriptAt(text);
    const [problem, ...others] = diagnose(script).filter(({ code }) => code !== 'unused-source');
    expect(others).toEqual([]);
    expect(script.document.getText(problem!.range)).toBe('strs');
    const [fix] = codeActions(script, problem!.range);
    expect(fix?.edit?.changes?.['file:///test.ksql']?.[0]?.newText.toUpperCase()).toBe('STARS');
  });

  test('one message for a syntax error, and the rest of the file is still checked', () => {
    const { script } = scriptAt('SELECT a, FROM b;\nSHOW STREAMS;');
    expect(diagnose(script)).toHaveLength(1);
  });
});

test('signature help names the argument at the cursor', () => {
  const { script, position } = scriptAt('SELECT SUBSTRING(url, $0) FROM clicks;');
  const help = signatureHelp(script, position);
  expect(help?.activeParameter).toBe(1);
  expect(help?.signatures[help.activeSignature ?? 0]?.label).toContain('SUBSTRING(');
});

test('the outline lists statements with the columns they create', () => {
  const found = symbols(scriptAt(RATINGS).script);
  expect(found.map(({ name, detail }) => `${name} ${detail}`)).toEqual(['RATINGS stream', 'USERS table']);
  expect(found[1]!.children?.map(({ name, detail }) => `${name} ${detail}`)).toEqual(['ID INTEGER', 'NAME STRING']);
});

test('statements and comments of several lines fold', () => {
  const { script } = scriptAt('-- a\n-- b\nSELECT *\nFROM c;\nSHOW STREAMS;');
  expect(folding(script).map(({ startLine, endLine }) => [startLine, endLine])).toEqual([
    [2, 3],
    [0, 1],
  ]);
});

test('a name leads to the statement that creates it', () => {
  const { script, position } = scriptAt(`${RATINGS}SELECT u.name FROM us$0ers u;`);
  expect(definition(script, position)?.range.start.line).toBe(2);
});

test.each([
  ['a column, to its declaration', 'SELECT st$0ars FROM ratings EMIT CHANGES;', 'stars'],
  [
    'a column through `*` and by its name, to where it comes from',
    `${'CREATE STREAM a AS SELECT * FROM ratings;'}
    CREATE STREAM b AS SELECT id, stars FROM a; SELECT sta$0rs FROM b EMIT CHANGES;`,
    'stars',
  ],
  [
    'a column that AS names',
    'CREATE STREAM a AS SELECT id, stars AS sum FROM ratings; SELECT su$0m FROM a EMIT CHANGES;',
    'sum',
  ],
  [
    'a column that nothing names',
    'CREATE STREAM a AS SELECT id, stars + 1 FROM ratings; SELECT KSQL_$0COL_0 FROM a EMIT CHANGES;',
    'stars + 1',
  ],
  ['an alias', 'SELECT u$0.name FROM users u EMIT CHANGES;', 'u'],
  ['a variable', "DEFINE least = '3'; SELECT * FROM ratings WHERE stars > ${le$0ast} EMIT CHANGES;", 'least'],
  [
    'a text that means a column',
    "CREATE STREAM c (ts BIGINT) WITH (KAFKA_TOPIC='c', VALUE_FORMAT='JSON', PARTITIONS=1, TIMESTAMP='t$0s');",
    'ts',
  ],
])('%s', (_title, text, expected) => {
  const { script, position } = scriptAt(RATINGS + text);
  const found = definition(script, position);
  expect(found && script.document.getText(found.range)).toBe(expected);
});

test('names are coloured by what they stand for', () => {
  const { script } = scriptAt(`${RATINGS}SELECT UCASE(r.id) FROM ratings r;`);
  const { data } = semanticTokens(script);
  const types = Array.from({ length: data.length / 5 }, (_, i) => SEMANTIC_LEGEND.tokenTypes[data[i * 5 + 3]!]);
  expect(types.slice(-5)).toEqual(['function', 'variable', 'property', 'class', 'variable']);
});
