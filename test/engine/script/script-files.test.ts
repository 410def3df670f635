import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../../../engine/script/exit-codes.ts';
import { LineIndex } from '../../../engine/script/line-index.ts';
import { findFiles, readScript } from '../../../engine/script/script-files.ts';
import { ScriptSession } from '../../../engine/script/script-session.ts';
import { parseScript } from '../../../language/index.ts';

describe('files', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'scripts-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (name: string, text = '') => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
    return path.join(root, name);
  };

  test('of a folder are its scripts, however deep, in order; packages and other files are left alone', () => {
    const [b, a] = [write('b.KSQL'), write('a/x.sql')];
    write('notes.md');
    write('node_modules/p/y.ksql');
    mkdirSync(path.join(root, 'folder.ksql'));
    expect(findFiles([root])).toEqual([a, b]);
  });

  test('that are named are meant, whatever they are called', () => {
    const notes = write('notes.md');
    expect(findFiles([notes])).toEqual([notes]);
    expect(() => findFiles([path.join(root, 'none.ksql')])).toThrow(UsageError);
  });

  test('are read without a byte order mark', () => expect(readScript(write('bom.ksql', '\uFEFFSHOW'))).toBe('SHOW'));
});

describe('lines', () => {
  test('and columns of any offset lead back to it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '\n', '\r', 'é') }), (text) => {
        const lines = new LineIndex(text);
        const before = text.split('\n');
        for (let offset = 0; offset <= text.length; offset++) {
          const { line, column } = lines.position(offset);
          const start = before.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
          expect(start + column - 1).toBe(offset);
          expect(lines.line(line)).toBe(before[line - 1]!.replace(/\r$/, ''));
        }
      }),
    );
  });
});

test('a session keeps what SET and DEFINE said until UNSET and UNDEFINE', () => {
  const session = new ScriptSession({ 'auto.offset.reset': 'latest' });
  const apply = (text: string) => parseScript(text, { dialect: 'latest' }).statements.map((each) => session.take(each));
  expect(apply("SET 'auto.offset.reset' = 'earliest'; DEFINE topic = 't'; SHOW TOPICS;")).toEqual([true, true, false]);
  expect(session.options()).toEqual({ properties: { 'auto.offset.reset': 'earliest' }, variables: { topic: 't' } });
  apply("UNSET 'auto.offset.reset'; UNDEFINE TOPIC;");
  expect(session.settings('2018')).toEqual({ dialect: '2018', properties: new Map(), variables: new Map() });
});
