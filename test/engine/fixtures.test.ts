import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runSqlTests } from '../../engine/testing/sql-tests.ts';

/** What the engine does, in KSQL's own test dialect: the files can be opened, changed and run in the editor. */
const folder = path.join(import.meta.dirname, '../fixtures/engine');

describe.each(readdirSync(folder).filter((file) => file.endsWith('.ksql')))('%s', (file) => {
  const text = readFileSync(path.join(folder, file), 'utf8');
  describe.each([
    ['straight', false],
    ['with a stop and a restore after each statement', true],
  ])('%s', (_how, restarts) => {
    const tests = runSqlTests(file, text, { restarts });
    test.each(tests.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => {
      expect(await run()).toMatchObject({ message: null, verdict: 'passed' });
    });
  });
});
