import path from 'node:path';
import { type ParsedStatement, parseScript } from '../../language/index.ts';
import { type PinnedSnapshot, pinnedSnapshots } from '../../language/notebook/pinned-snapshots.ts';
import { type Answer, retakeSnapshot, snapshotDifference } from '../../language/notebook/snapshot.ts';
import { answerKey } from '../../language/script/answer-key.ts';
import { type AnswerColumn, exactNumber } from '../api/client.ts';
import { LineIndex } from '../script/line-index.ts';
import { readScript } from '../script/script-files.ts';
import { ScriptSession } from '../script/script-session.ts';
import { failed, type Outcome, passed } from '../testing/verdict.ts';
import { openTarget, type Target } from './engines/target.ts';
import { settled } from './settled.ts';

/**
 * The snapshots that are pinned in a script, as tests of one run: the script is executed from its beginning on an
 * engine of its own, to the end of what its topics hold, and each snapshot is compared with what its query gives then.
 * @param functions a folder with functions of the user's own
 */
export function snapshotTests(file: string, functions: readonly string[] | undefined) {
  const text = readScript(file);
  const lines = new LineIndex(text);
  const parsed = parseScript(text, { dialect: 'latest' });
  const snapshots = pinnedSnapshots(text).map(
    (snapshot): Compared => ({
      ...snapshot,
      query: parsed.statements.findLast(
        ({ node, range }) =>
          node?.$type === 'Query' && snapshot.cell.start <= range.start && range.start < snapshot.cell.end,
      ),
    }),
  );
  let run: Promise<ReadonlyMap<Compared, Outcome>> | undefined;
  const outcomes = () => (run ??= runScript(file, parsed.statements, snapshots, lines, functions));
  return snapshots.map((snapshot) => ({
    file,
    name: snapshot.name,
    fullName: `${file} - ${snapshot.name}`,
    format: null,
    kind: 'test' as const,
    run: async () =>
      snapshot.query === undefined
        ? failed('There is no SELECT in its cell that could give it.', lines.position(snapshot.cell.start).line)
        : (await outcomes()).get(snapshot)!,
  }));
}

/** A snapshot with the query that it is of. */
interface Compared extends PinnedSnapshot {
  readonly query: ParsedStatement | undefined;
}

async function runScript(
  file: string,
  statements: readonly ParsedStatement[],
  snapshots: readonly Compared[],
  lines: LineIndex,
  functions: readonly string[] | undefined,
): Promise<ReadonlyMap<Compared, Outcome>> {
  const outcomes = new Map<Compared, Outcome>();
  const folder = path.dirname(path.resolve(file));
  const target = await openTarget({ files: [folder], ...(functions === undefined ? {} : { functions }) });
  const session = new ScriptSession({ 'ksql.workbench.until.end': 'true', 'auto.offset.reset': 'earliest' });
  let current = statements[0];
  try {
    for (const statement of statements) {
      current = statement;
      const pinned = snapshots.filter(({ query }) => query === statement);
      // What only shows something, and is compared with nothing, needs no run.
      if (pinned.length === 0 && SHOWING.has(statement.node?.$type ?? '')) continue;
      if (pinned.length === 0) await execute(target, session, statement);
      else {
        const answer = await answerOf(target, session, statement);
        const line = lines.position(statement.range.start).line;
        for (const snapshot of pinned) outcomes.set(snapshot, compared(snapshot.lines, answer, line));
      }
    }
  } catch (error) {
    const line = lines.position(current?.range.start ?? 0).line;
    const outcome = failed(`The script could not be run to here: line ${line}: ${(error as Error).message}`, line);
    for (const snapshot of snapshots) if (!outcomes.has(snapshot)) outcomes.set(snapshot, outcome);
  } finally {
    await target.close();
  }
  return outcomes;
}

const SHOWING: ReadonlySet<string> = new Set(['Query', 'PrintTopic']);

async function execute(target: Target, session: ScriptSession, statement: ParsedStatement): Promise<void> {
  const problem = statement.text.includes('${') ? undefined : statement.diagnostics[0];
  if (problem !== undefined) throw new Error(problem.message);
  if (session.take(statement)) return;
  await target.client.execute(statement.text, session.options());
  await settled(target.client);
}

/** What a query gives to the end of its topics: of a table the newest row of each key. */
async function answerOf(target: Target, session: ScriptSession, { text }: ParsedStatement): Promise<Answer> {
  const key = answerKey(text, target.metastore!(), session.settings('latest'));
  const stream = await target.client.query(text, session.options());
  const rows = new Map<string, readonly string[]>();
  for await (const events of stream) {
    for (const event of events) {
      if (event.kind === 'error') throw new Error(event.error.message);
      if (event.kind !== 'row') continue;
      const { values, tombstone } = event.content;
      const row = values.map((value) => JSON.stringify(value, exactNumber));
      const id = key?.kind === 'table' ? key.columns.map((i) => row[i]).join() : String(rows.size);
      if (tombstone) rows.delete(id);
      else rows.set(id, row);
    }
  }
  const isKey = (column: AnswerColumn, i: number) => key?.columns.includes(i) ?? column.key;
  return {
    columns: stream.columns.map((column, i) => ({ name: column.name, isKey: isKey(column, i) })),
    rows: [...rows.values()],
  };
}

function compared(pinned: readonly string[], answer: Answer, line: number): Outcome {
  const retaken = retakeSnapshot(answer, pinned);
  const difference = snapshotDifference(pinned, retaken);
  if (difference.length === 0) return passed;
  const texts = { expected: pinned.join('\n'), actual: retaken.join('\n') };
  return failed(`The query gives something else than what is pinned:\n${difference.join('\n')}`, line, texts);
}
