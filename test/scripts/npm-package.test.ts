import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const isBuilt = existsSync(path.join(root, 'dist/cli.mjs'));
if (!isBuilt) console.warn('\n*** The npm package is not tested: there is no build (npm run build). ***\n');

describe.skipIf(!isBuilt)('the command line as an npm package', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'ksql-npm-'));
  afterAll(() => rmSync(scratch, { recursive: true }));
  const installed = path.join(scratch, 'project');
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: installed, encoding: 'utf8', env: { ...process.env, XDG_STATE_HOME: scratch } });
  const ksql = (...args: string[]) =>
    run(process.execPath, path.join('node_modules', 'ksql-workbench', 'dist', 'ksql.mjs'), ...args);

  test('is installed into an empty folder, with nothing else, and runs there', { timeout: 120_000 }, () => {
    execFileSync(process.execPath, [path.join(root, 'scripts/npm-package.ts'), scratch], { stdio: 'pipe' });
    const [archive] = readdirSync(scratch).filter((file) => file.endsWith('.tgz'));
    mkdirSync(installed);
    run('npm', 'init', '-y');
    run('npm', 'install', '--offline', '--no-audit', '--no-fund', path.join(scratch, archive!));
    expect(readdirSync(path.join(installed, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'ksql-workbench',
    ]);
    expect(existsSync(path.join(installed, 'node_modules/.bin/ksql'))).toBe(true);
    const pages = path.join(installed, 'node_modules/ksql-workbench/docs/diagnostics');
    expect(existsSync(path.join(pages, 'unknown-column.md'))).toBe(true);
    writeFileSync(
      path.join(installed, 'orders.ksql'),
      `CREATE STREAM orders (id INT KEY, units INT) WITH (KAFKA_TOPIC = 'orders', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
INSERT INTO orders VALUES (1, 2);
SET 'auto.offset.reset' = 'earliest';
SELECT id, units * 3 AS tripled FROM orders EMIT CHANGES LIMIT 1;
`,
    );
    expect(ksql('check', 'orders.ksql')).toBe('');
    const rows = ksql('run', 'orders.ksql', '--until-end', '--output', 'json')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.filter((line) => 'row' in line).map(({ row }) => row)).toEqual([{ ID: 1, TRIPLED: 6 }]);
  });
});
