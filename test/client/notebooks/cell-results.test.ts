import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ChartLooks } from '../../../client/results/chart-looks.ts';
import type { Result } from '../../../client/results/result.ts';
import { AnswerRow } from '../../../engine/api/answer-rows.ts';
import { addCell, FakeExecution, type NotebookCellOutput, shownCells } from './fake-vscode.ts';

vi.mock('vscode', () => import('./fake-vscode.ts'));
const { CellResults } = await import('../../../client/notebooks/cell-results.ts');
const { pinSnapshot, unpinSnapshot, compareSnapshot } = await import('../../../client/notebooks/cell-snapshots.ts');

const COLUMNS = [
  { name: 'ID', type: 'STRING', isKey: true, numeric: false },
  { name: 'TOTAL', type: 'INTEGER', isKey: false, numeric: true },
];

function notebookCell(text: string, metadata: object = {}) {
  const cell = addCell(text, metadata);
  const shown: NotebookCellOutput[] = [];
  const executions: FakeExecution[] = [];
  let next = 1;
  const results = new CellResults(cell as never, {
    id: 'notebook',
    services: {
      looks: new ChartLooks({ get: () => [], update: () => undefined } as never),
      pinToDashboard: () => undefined,
    },
    nextResult: () => next++,
    execution: () => {
      const execution = new FakeExecution(shown);
      executions.push(execution);
      return execution as never;
    },
    changed: () => undefined,
    forget: () => undefined,
    pin: () => undefined,
    rerun: () => undefined,
  });
  const outputs = () => shown.map(({ items: [item] }) => item!.value as { readonly result?: number });
  return { cell, results, executions, outputs, newest: () => executions.at(-1)! };
}

const origin = (statement: string) => ({ statement, engine: 'embedded engine', startAt: 'beginning' as const });

/** A query that streams until it is stopped. */
function stream(results: InstanceType<typeof CellResults>, result: Result) {
  const query = { stopped: 0 };
  result.begin(COLUMNS, true);
  result.query = { pause: () => undefined, resume: () => undefined, stop: () => void query.stopped++ };
  results.changed(result);
  return query;
}

beforeEach(() => void shownCells.splice(0));

describe('a cell', () => {
  test('is executed as long as a query of it streams; the next cell need not wait', async () => {
    const { results, newest, outputs } = notebookCell('CREATE STREAM a; SELECT 1;');
    const began = await results.execute(async () => {
      const created = results.open({ statement: 'CREATE STREAM a', engine: 'e' });
      created.end('done', 'created');
      results.changed(created);
      stream(results, results.open(origin('SELECT 1')));
      return true;
    });
    expect(began).toBe(true);
    expect(outputs().map(({ result }) => result)).toEqual([1, 2]);
    expect(newest().state).toBe('running');
    const [, query] = results.results;
    query!.end('ended');
    results.changed(query!);
    expect(newest()).toMatchObject({ state: 'ended', success: true });
  });

  test("VS Code's stop ends the query, and what has not begun does not begin", async () => {
    const { results, newest } = notebookCell('SELECT 1; SELECT 2;');
    const begun: string[] = [];
    await results.execute(async (isStopped) => {
      for (const statement of ['SELECT 1', 'SELECT 2']) {
        if (isStopped()) return false;
        begun.push(statement);
        const query = stream(results, results.open(origin(statement)));
        newest().stop();
        expect(query.stopped).toBe(1);
      }
      return true;
    });
    expect(begun).toEqual(['SELECT 1']);
    expect(newest()).toMatchObject({ state: 'ended', success: undefined });
  });

  test('a query that is stopped before it was reached is stopped when it begins', async () => {
    const { results, newest } = notebookCell('SELECT 1;');
    const result = results.open(origin('SELECT 1'));
    newest().stop();
    expect(newest().state).toBe('ended');
    expect(stream(results, result).stopped).toBe(1);
    expect(result.state).toBe('stopped');
  });

  test('fails with its statement', async () => {
    const { results, newest } = notebookCell('SELECT nothing;');
    await results.execute(async () => {
      const result = results.open(origin('SELECT nothing'));
      result.end('failed', 'There is no such column.');
      results.changed(result);
      return false;
    });
    expect(newest()).toMatchObject({ state: 'ended', success: false });
  });

  test('what is run again takes the place of what it gave, and stops it', async () => {
    const { results, executions, outputs } = notebookCell('SELECT 1; SELECT 2;');
    await results.execute(async () => {
      stream(results, results.open(origin('SELECT 1')));
      stream(results, results.open(origin('SELECT 2')));
      return true;
    });
    const [first] = results.results;
    const lost = vi.spyOn(first!.query!, 'stop');
    const again = results.open(origin('SELECT 1'), { instead: first });
    expect(lost).toHaveBeenCalled();
    expect(outputs().map(({ result }) => result)).toEqual([3, 2]);
    stream(results, again);
    // Whatever is shown anew later keeps the order, and shows the new result.
    results.showSnapshot({ lines: ['ID KEY', '0 rows'] });
    expect(outputs().map(({ result }) => result)).toEqual([undefined, 3, 2]);
    expect(executions).toHaveLength(1);
  });

  test('a card that is closed is gone, also after its cell was executed', async () => {
    const { results, newest, outputs } = notebookCell('SELECT 1;');
    await results.execute(async () => {
      const result = results.open(origin('SELECT 1'));
      result.end('done');
      results.changed(result);
      return true;
    });
    results.close(results.results[0]!);
    expect(outputs()).toEqual([]);
    expect(newest().state).toBe('ended');
  });

  test('executed anew, it stops what it ran and shows what is pinned', async () => {
    const { results, outputs } = notebookCell('SELECT 1;', { snapshot: ['ID KEY', '0 rows'] });
    const query = stream(results, results.open(origin('SELECT 1')));
    await results.execute(async () => true);
    expect(query.stopped).toBe(1);
    expect(outputs()).toEqual([{ lines: ['ID KEY', '0 rows'] }]);
  });
});

describe('a snapshot', () => {
  const run = async (results: InstanceType<typeof CellResults>, rows: readonly (readonly unknown[])[]) => {
    const result = results.open(origin('SELECT id, total FROM t EMIT CHANGES;'));
    stream(results, result);
    for (const row of rows) result.add(AnswerRow.of(row));
    result.end('ended');
    results.changed(result);
    return result;
  };

  test('is kept with the cell, and goes when it is unpinned', async () => {
    const { results, cell, outputs } = notebookCell('SELECT id, total FROM t EMIT CHANGES;', { origin: 'kept' });
    const result = await run(results, [
      ['bob', 4],
      ['ada', 3],
      ['ada', 8],
    ]);
    await pinSnapshot(results, result);
    const lines = ['ID KEY, TOTAL', '"ada", 8', '"bob", 4', '2 rows'];
    expect(cell.metadata).toEqual({ origin: 'kept', snapshot: lines });
    expect(outputs()[0]).toEqual({ lines });
    await unpinSnapshot(results);
    expect(cell.metadata).toEqual({ origin: 'kept' });
    expect(outputs()).toHaveLength(1);
  });

  test('is compared with a new run to the end', async () => {
    const { results, outputs } = notebookCell('SELECT id, total FROM t EMIT CHANGES;', {
      snapshot: ['ID KEY, TOTAL', '"ada", 8', '"bob", 4', '2 rows'],
    });
    const asked: unknown[] = [];
    const runner = {
      run: async (request: object) => {
        asked.push(request);
        await run(results, [
          ['ada', 9],
          ['bob', 4],
        ]);
        return true;
      },
    };
    await compareSnapshot(results, runner as never);
    expect(asked).toMatchObject([{ startAt: 'end' }]);
    expect(outputs()[0]).toMatchObject({ difference: ['- "ada", 8', '+ "ada", 9'] });
  });

  test('is not compared with a run that failed', async () => {
    const { results, outputs } = notebookCell('SELECT id FROM t EMIT CHANGES;', { snapshot: ['ID KEY', '0 rows'] });
    const runner = {
      run: async () => {
        const result = results.open(origin('SELECT id FROM t EMIT CHANGES;'));
        result.end('failed', 'no');
        results.changed(result);
        return false;
      },
    };
    await compareSnapshot(results, runner as never);
    expect(outputs().some((output) => 'difference' in output)).toBe(false);
  });
});
