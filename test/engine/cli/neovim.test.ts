import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CLI, Workplace } from '../../support/ksql-command.ts';

const hasNeovim = spawnSync('nvim', ['--version']).status === 0;
if (!hasNeovim) console.warn('\n*** The test of the language server in Neovim is skipped: there is no nvim. ***\n');

const place = new Workplace();
afterAll(() => place.remove());

const WITH = "WITH (KAFKA_TOPIC = 'o', VALUE_FORMAT = 'JSON', PARTITIONS = 1)";

describe.skipIf(!hasNeovim)('ksql lsp in Neovim, through its own client', () => {
  test('shows problems, completes, and renames through two files', { timeout: 180_000 }, () => {
    place.write('sources.ksql', `CREATE STREAM orders (id INT KEY, item STRING) ${WITH};\n`);
    place.write('main.ksql', 'SELECT itm FROM orders EMIT CHANGES;\n');
    const script = path.join(import.meta.dirname, 'neovim-session.lua');
    const { stdout, stderr } = spawnSync('nvim', ['--headless', '-n', '-u', 'NONE', '-c', `luafile ${script}`], {
      encoding: 'utf8',
      timeout: 170_000,
      env: {
        ...process.env,
        XDG_STATE_HOME: place.folder,
        KSQL_TEST: [process.execPath, CLI, place.folder].join('\n'),
      },
    });
    const said = stdout.split('\n').find((line) => line.startsWith('{'));
    expect(said, stderr).toBeDefined();
    const seen = JSON.parse(said!);
    expect(seen.diagnostics).toEqual([{ line: 0, column: 7, code: 'unknown-column', severity: 1 }]);
    expect(seen.completions).toEqual(expect.arrayContaining(['id', 'item']));
    expect(seen.renamed).toBe('SELECT itm FROM purchases EMIT CHANGES;');
    expect(seen.renamedElsewhere).toBe(`CREATE STREAM purchases (id INT KEY, item STRING) ${WITH};`);
  });
});
