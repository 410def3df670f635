import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_METASTORE } from '../../../language/index.ts';
import { Workspace } from '../../../language/project/workspace.ts';

const WITH = "WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', PARTITIONS=1)";
/**
 * No name is like another one, and nothing is made in a circle: which of two names is proposed, and where a circle is
 * told to begin, is not what this is about.
 */
const STATEMENTS = [
  `CREATE STREAM alpha (id INT KEY, x INT, y STRING) ${WITH};`,
  `CREATE STREAM alpha (id INT KEY, x STRING) ${WITH};`,
  `CREATE STREAM brook (id INT KEY, \`odd name\` INT) ${WITH};`,
  'CREATE STREAM cedar AS SELECT id, x FROM alpha;',
  'CREATE STREAM cedar AS SELECT * FROM alpha;',
  'CREATE TABLE dunes AS SELECT x, COUNT(*) AS n FROM cedar GROUP BY x;',
  'CREATE OR REPLACE STREAM alpha AS SELECT * FROM brook;',
  'INSERT INTO alpha (id) VALUES (1);',
  'SELECT id FROM alpha EMIT CHANGES;',
  'SELECT x, y FROM alpha WHERE x = 1 EMIT CHANGES;',
  'SELECT brook.id FROM brook JOIN alpha WITHIN 1 HOUR ON alpha.id = brook.id EMIT CHANGES;',
  'ALTER STREAM alpha ADD COLUMN z INT;',
  "DEFINE v = 'alpha';",
  'SELECT id FROM ${v} EMIT CHANGES;',
  'SELECT FROM a',
  '-- ksql-ignore unused-source: not here',
];
const FILES = ['p.ksql', 'q.ksql', 'r.ksql'].map((path) => `/w/${path}`);

const file = fc.constantFrom(...FILES);
const text = fc.array(fc.constantFrom(...STATEMENTS), { maxLength: 7 }).map((parts) => parts.join('\n'));
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('edit'), path: file, text }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('insert'),
      path: file,
      at: fc.nat(120),
      text: fc.constantFrom('', 'a', ' ', ';'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('look', 'release', 'remove'), path: file }) },
);

const emptyWorkspace = () =>
  new Workspace(
    { metastore: EMPTY_METASTORE, offline: true, dialect: 'latest', properties: new Map(), variables: new Map() },
    ['/w/'],
  );

const said = (workspace: Workspace, path: string) =>
  workspace.has(path) ? workspace.projectOf(path).project.script(path)!.diagnostics : undefined;

test('after edits a project says what one says that is read anew', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const texts = new Map<string, string>();
      const workspace = emptyWorkspace();
      const edit = (path: string, to: string) => {
        texts.set(path, to);
        workspace.setFile(path, to);
      };
      for (const each of steps) {
        const { path, kind } = each;
        const now = texts.get(path);
        if ('at' in each) edit(path, (now ?? '').slice(0, each.at) + each.text + (now ?? '').slice(each.at));
        else if ('text' in each) edit(path, each.text);
        else if (kind === 'look') said(workspace, path);
        else if (kind === 'release' && now !== undefined) workspace.projectOf(path).project.release(path);
        else if (kind === 'remove') {
          texts.delete(path);
          workspace.removeFile(path);
        }
      }
      const fresh = emptyWorkspace();
      for (const [path, each] of texts) fresh.setFile(path, each);
      for (const path of FILES) expect(said(workspace, path), path).toEqual(said(fresh, path));
    }),
    { numRuns: 400 },
  );
});
