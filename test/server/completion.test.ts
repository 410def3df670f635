import { describe, expect, test } from 'vitest';
import { QUICKSTART_NAMES } from '../../language/documentation/quickstart-names.ts';
import { STATEMENT_VERBS } from '../../language/parser/verbs.ts';
import { complete } from '../../server/completion/complete.ts';
import { RATINGS, SERVER, scriptAt } from './script.ts';

/** Labels in the order in which an editor shows them. */
function labels(marked: string, connected = false): string[] {
  const { script, position } = scriptAt(marked, connected ? SERVER : undefined);
  const { items } = complete(script, position);
  return items
    .toSorted((a, b) => ((a.sortText ?? a.label) < (b.sortText ?? b.label) ? -1 : 1))
    .map(({ label }) => label);
}

describe('completion', () => {
  test.each([
    ['an empty file', '$0', ['SELECT', 'CREATE STREAM', 'CREATE TABLE']],
    ['after FROM, the sources of the script', `${RATINGS}SELECT * FROM $0`, ['ratings', 'users']],
    ['after a half-written name', `${RATINGS}SELECT * FROM ra$0 EMIT CHANGES;`, ['ratings', 'users']],
    ['in the SELECT list, columns first', `${RATINGS}SELECT $0 FROM ratings;`, ['id', 'user_id', 'stars', 'place']],
    [
      'after an alias',
      `${RATINGS}SELECT r.$0 FROM ratings r LEFT JOIN users u ON r.user_id = u.id;`,
      ['id', 'user_id'],
    ],
    ['after ->', `${RATINGS}SELECT place->$0 FROM ratings;`, ['city', 'zip']],
    ['after WINDOW', 'SELECT a FROM b WINDOW $0', ['TUMBLING', 'HOPPING', 'SESSION']],
    [
      'after EMIT of a window',
      'SELECT a FROM b WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY a EMIT $0',
      ['CHANGES', 'FINAL'],
    ],
    ['a column type', 'CREATE STREAM s (a $0', ['BOOLEAN', 'INT', 'INTEGER']],
    ['a WITH property', 'CREATE STREAM s (a INT) WITH ($0', ['FORMAT', 'KAFKA_TOPIC']],
    ['a format', "CREATE STREAM s (a INT) WITH (VALUE_FORMAT = '$0'", ['JSON', 'AVRO', 'PROTOBUF']],
    ['a setting', "SET '$0", ['auto.offset.reset']],
    ['after DROP TABLE, tables only', `${RATINGS}DROP TABLE $0`, ['users']],
    ['before the next statement', `${RATINGS}SELECT $0 FROM ratings\nSELECT * FROM users;`, ['id', 'user_id']],
    ['before a next statement with another verb', `${RATINGS}SELECT $0 FROM ratings\nPAUSE ALL;`, ['id', 'user_id']],
    ['after a statement that lacks its semicolon', `${RATINGS}DEFINE n = 'x'\nRESUME $0`, ['ALL']],
  ])('%s', (_title, marked, expected) => {
    expect(labels(marked).slice(0, expected.length)).toEqual(expected);
  });

  test('offers every verb where a statement may stand', () => {
    const offered = new Set(labels('').map((label) => label.split(' ')[0]));
    // LIST is SHOW by another name.
    expect(STATEMENT_VERBS.filter((verb) => !offered.has(verb))).toEqual(['LIST']);
    expect(STATEMENT_VERBS).toEqual(
      expect.arrayContaining(['PAUSE', 'RESUME', 'UNDEFINE', 'UNSET', 'ASSERT', 'ALTER']),
    );
  });

  test('knows what the connected server has', () => {
    expect(labels('SELECT * FROM $0', true)).toEqual(['CLICKS']);
    expect(labels('PRINT $0', true)).toEqual(['clicks']);
    expect(labels('CREATE STREAM s (a $0', true)).toContain('ADDRESS');
  });

  test('knows the columns that only the registry had, once the script was run', () => {
    const script = "CREATE STREAM clicks WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='AVRO');\nSELECT $0 FROM clicks;";
    expect(labels(script)).not.toContain('URL');
    expect(labels(script, true).slice(0, 2)).toEqual(['URL', 'AT']);
  });

  test('knows every kind of rows that the generator makes', () => {
    const connector = "CREATE SOURCE CONNECTOR c WITH ('quickstart' = '$0');";
    expect(labels(connector)).toEqual([...QUICKSTART_NAMES]);
    expect(labels('CREATE SOURCE CONNECTOR c WITH ($0);')).toEqual(
      expect.arrayContaining(['quickstart', 'schema.string', 'schema.filename', 'value.converter']),
    );
  });

  test('offers the properties of the class of a connector, and what one of them can be', () => {
    const file = "CREATE SOURCE CONNECTOR c WITH ('connector.class' = 'ksql.workbench.FileSourceConnector', $0);";
    expect(labels(file)).toEqual(expect.arrayContaining(['file', 'format', 'loop', 'timestamp.field', 'kafka.topic']));
    expect(labels(file)).not.toContain('quickstart');
    expect(labels("CREATE SOURCE CONNECTOR c WITH ('format' = '$0');")).toEqual(['json', 'json-array', 'csv']);
  });

  test('is silent in comments and texts', () => {
    expect(labels('-- SELECT $0')).toEqual([]);
    expect(labels("SELECT 'a $0' FROM b;")).toEqual([]);
  });

  test.each([
    ['a column', `${RATINGS}SELECT stars$0 FROM ratings;`, 'stars'],
    ['a column in capitals', `${RATINGS}SELECT STARS$0 FROM ratings;`, 'STARS'],
    ['a source', `${RATINGS}SELECT * FROM ratings$0`, 'ratings'],
    ['a keyword in small letters', `${RATINGS}SELECT stars from$0`, 'from'],
    ['the beginning of a statement', 'SELECT$0', 'SELECT'],
    ['the first of two words', `${RATINGS}SELECT * FROM ratings LEFT$0`, 'LEFT'],
    ['a function', `${RATINGS}SELECT count$0 FROM ratings`, 'count'],
  ])('%s that is complete is chosen as it was typed, so that Enter goes on', (_title, marked, typed) => {
    const { script, position } = scriptAt(marked);
    const chosen = complete(script, position).items.filter(({ preselect }) => preselect);
    expect(chosen.map(({ label, insertText = label }) => insertText)).toEqual([typed]);
  });

  test("a name of one's own is not taken for the beginning of a keyword", () => {
    expect(labels(`${RATINGS}SELECT * FROM ratings r$0`)).toEqual([]);
    expect(labels(`${RATINGS}SELECT * FROM ratings rt$0`)).toEqual([]);
    expect(labels(`${RATINGS}SELECT * FROM ratings le$0`)).toEqual(['left join']);
    expect(labels(`${RATINGS}SELECT stars AS fr$0`)).toEqual([]);
    expect(labels('CREATE STREAM i$0')).toEqual([]);
  });

  test('functions come with their documentation', () => {
    const { script, position } = scriptAt(`${RATINGS}SELECT UCA$0 FROM ratings;`);
    const ucase = complete(script, position).items.find(({ label }) => label === 'UCASE');
    expect(ucase?.insertText).toBe('UCASE($1)');
    expect(JSON.stringify(ucase?.documentation)).toContain('UCASE(');
  });
});
