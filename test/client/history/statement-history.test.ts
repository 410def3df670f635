import { expect, test, vi } from 'vitest';
import { Result } from '../../../client/results/result.ts';

const files = new Map<string, Uint8Array>();
const settings: Record<string, number> = {};
vi.mock('vscode', () => ({
  EventEmitter: class {
    event = () => ({ dispose: () => undefined });
    fire() {}
    dispose() {}
  },
  Uri: { joinPath: (folder: string, name: string) => `${folder}/${name}` },
  workspace: {
    getConfiguration: () => ({ get: (name: string, fallback: number) => settings[name] ?? fallback }),
    fs: {
      createDirectory: async () => undefined,
      readFile: async (file: string) => {
        const found = files.get(file);
        if (found === undefined) throw new Error('there is none');
        return found;
      },
      writeFile: async (file: string, content: Uint8Array) => void files.set(file, content),
    },
  },
}));
const { StatementHistory } = await import('../../../client/history/statement-history.ts');

const run = (statement: string) => new Result(1, { statement, engine: 'embedded' }, { maxRows: 10, maxBytes: 1000 });
const uri = 'file:///a.ksql' as never;

async function history() {
  const made = new StatementHistory('storage' as never);
  await made.loaded;
  const statements = () => made.entries.map(({ statement, state }) => `${statement} ${state}`);
  return { made, statements };
}

test('keeps what was run for the next window, where nothing of it runs any more', async () => {
  const { made, statements } = await history();
  const [first, second] = [run('SELECT 1;'), run('SELECT 2;')];
  made.began(uri, first);
  made.began(uri, second);
  first.end('failed', 'no such source');
  await first.whenEnded;
  expect(statements().toSorted()).toEqual(['SELECT 1; failed', 'SELECT 2; starting']);
  made.dispose();
  await vi.waitFor(() => expect(files.size).toBe(1));
  const next = await history();
  expect(next.statements().toSorted()).toEqual(['SELECT 1; failed', 'SELECT 2; stopped']);
  next.made.clear();
  expect(next.statements()).toEqual([]);
  next.made.dispose();
});

test('keeps no more than the settings say, and nothing where they say so', async () => {
  settings['statements'] = 3;
  const { made } = await history();
  made.clear();
  for (let i = 0; i < 5; i++) {
    const result = run(`SELECT ${i};`);
    made.began(uri, result);
    result.end('done');
    await result.whenEnded;
  }
  expect(made.entries).toHaveLength(3);
  made.clear();
  settings['statements'] = 0;
  made.began(uri, run('SELECT 1;'));
  expect(made.entries).toEqual([]);
  made.dispose();
});
