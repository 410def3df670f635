import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { format } from '../../../engine/cli/format.ts';

let folder = '';
let output = '';
const file = (name: string) => path.join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'format-'));
  writeFileSync(file('a.ksql'), 'show  streams;');
  writeFileSync(file('b.sql'), 'SHOW TABLES;\n');
  output = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text;
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test('prints what it makes of files, and leaves them alone', async () => {
  expect(await format([folder], { dialect: 'latest' })).toBe(0);
  expect(output).toBe('SHOW STREAMS;\nSHOW TABLES;\n');
  expect(readFileSync(file('a.ksql'), 'utf8')).toBe('show  streams;');
});

test('--check names the files that would change and fails', async () => {
  expect(await format([folder], { dialect: 'latest', check: true })).toBe(1);
  expect(output).toBe(`${file('a.ksql')}\n`);
  expect(await format([file('b.sql')], { dialect: 'latest', check: true })).toBe(0);
});

test('--write changes them', async () => {
  expect(await format([folder], { dialect: 'latest', write: true })).toBe(0);
  expect(readFileSync(file('a.ksql'), 'utf8')).toBe('SHOW STREAMS;\n');
  expect(await format([folder], { dialect: 'latest', check: true })).toBe(0);
});
