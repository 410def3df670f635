import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppendFile } from '../../../engine/files/append-file.ts';
import { FileError, StateError } from '../../../engine/files/file-error.ts';
import { FileHandles } from '../../../engine/files/file-handles.ts';
import { readJsonFile } from '../../../engine/files/json-file.ts';
import { replaceFile } from '../../../engine/files/replace-file.ts';
import { FaultyFiles } from '../../support/faulty-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a file that grows', () => {
  test('has what was appended as a whole, whatever a full disk has cut short', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ text: fc.string({ maxLength: 20 }), roomBytes: fc.nat(30) })), (writes) => {
        const files = new FaultyFiles();
        files.chunkBytes = 3;
        const name = path.join(mkdtempSync(path.join(folder, 'f-')), 'log');
        const handles = new FileHandles(files);
        const log = new AppendFile(name, 0, handles);
        let kept = '';
        for (const { text, roomBytes } of writes) {
          files.roomBytes = roomBytes;
          const bytes = Buffer.from(text);
          try {
            log.append([bytes.subarray(0, 2), bytes.subarray(2)]);
            kept += text;
          } catch (error) {
            expect(error).toBeInstanceOf(FileError);
            expect(bytes.length).toBeGreaterThan(roomBytes);
          }
          expect(log.sizeBytes).toBe(Buffer.byteLength(kept));
        }
        files.roomBytes = Number.POSITIVE_INFINITY;
        log.append([]);
        handles.closeAll();
        expect(readFileSync(name, 'utf8')).toBe(kept);
      }),
      { numRuns: 50 },
    );
  });

  test('takes nothing more while what a write left cannot be cut off', () => {
    const files = new FaultyFiles();
    const handles = new FileHandles(files);
    const log = new AppendFile(path.join(folder, 'log'), 0, handles);
    log.append([Buffer.from('whole')]);
    files.roomBytes = 2;
    files.fails.set('truncate', 'EIO');
    expect(() => log.append([Buffer.from('half')])).toThrow('cannot be written');
    files.roomBytes = Number.POSITIVE_INFINITY;
    expect(() => log.append([Buffer.from('next')])).toThrow('cannot be cut off again');
    files.fails.clear();
    log.append([Buffer.from('next')]);
    expect(Buffer.from(log.read(0, log.sizeBytes)).toString()).toBe('wholenext');
    expect(() => log.read(0, 100)).toThrow('it ends before byte 100');
    handles.closeAll();
  });
});

test('of many files only so many are open, and each is opened again when it is wanted', () => {
  const handles = new FileHandles(new FaultyFiles(), 2);
  const logs = ['a', 'b', 'c'].map((name) => new AppendFile(path.join(folder, name), 0, handles));
  for (let round = 0; round < 2; round++) for (const log of logs) log.append([Buffer.from('x')]);
  expect(handles.size).toBe(2);
  expect(logs.map((log) => log.read(0, 2).length)).toEqual([2, 2, 2]);
  handles.closeAll();
  expect(handles.size).toBe(0);
});

describe('a file that is replaced', () => {
  test.each(['write', 'sync', 'rename'] as const)(
    'is the old one where %s fails, and leaves nothing behind',
    (call) => {
      const name = path.join(folder, 'settings.json');
      replaceFile(name, '{"of":"before"}');
      const files = new FaultyFiles();
      files.fails.set(call, 'EIO');
      expect(() => replaceFile(name, '{"of":"now"}', { files })).toThrow(FileError);
      expect(readJsonFile(name, 'Delete it')).toEqual({ of: 'before' });
      expect(() => statSync(`${name}.next`)).toThrow('ENOENT');
    },
  );

  test('is for this user alone, and says what to do when it is damaged', () => {
    const name = path.join(folder, 'settings.json');
    expect(readJsonFile(name, 'Delete it')).toBeUndefined();
    writeFileSync(name, '{"half', { mode: 0o644 });
    expect(() => readJsonFile(name, 'Delete it')).toThrow(StateError);
    expect(() => readJsonFile(name, 'Delete it')).toThrow(/settings\.json is damaged: .* Delete it\.$/);
    if (process.platform !== 'win32') expect(statSync(name).mode & 0o077).toBe(0);
  });
});
