import type { CodeLens, Command, Position } from 'vscode-languageserver';
import type { ParsedStatement } from '../../language/index.ts';
import { type StatementForm, statementFormIn, statementFormOf } from '../../language/parser/statement-form.ts';
import { type TestBlock, testBlocks } from '../../language/parser/test-blocks.ts';
import { STATEMENT_VERBS, TEST_VERBS } from '../../language/parser/verbs.ts';
import type { Script } from '../scripts/script-store.ts';
import { NEXT_STATEMENT } from '../text/statement-starts.ts';

/** How a lens names the statement it belongs to; the client looks it up again, because the text may have changed. */
export interface StatementReference {
  readonly uri: string;
  readonly position: Position;
}

/** Above each statement what can be done with it, and above the first what can be done with the file. */
export function lenses(script: Script, engine: string): CodeLens[] {
  const { document, parsed } = script;
  const tests = testBlocks(parsed.text);
  if (tests.length > 0) return testLenses(script, tests);
  const found = parsed.statements.flatMap(runnables).flatMap(({ start, kind }) => {
    const position = document.positionAt(start);
    const range = { start: position, end: position };
    const reference: StatementReference = { uri: document.uri, position };
    return commandsFor(kind, reference).map((command): CodeLens => ({ range, command }));
  });
  if (parsed.statements.length < 2 || found.length === 0) return found;
  const top = { line: 0, character: 0 };
  const runAll: CodeLens = {
    range: { start: top, end: top },
    command: { title: `▷ Run all · ${engine}`, command: 'ksql.runFile', arguments: [{ uri: document.uri }] },
  };
  return [runAll, ...found];
}

/** Above each test, and above the first for the file: the statements of a test are not run by themselves. */
function testLenses({ document }: Script, tests: readonly TestBlock[]): CodeLens[] {
  const lens = (title: string, start: number, name?: string): CodeLens => {
    const position = document.positionAt(start);
    return {
      range: { start: position, end: position },
      command: {
        title,
        command: 'ksql.runTest',
        arguments: [{ uri: document.uri, ...(name === undefined ? {} : { name }) }],
      },
    };
  };
  const each = tests.map(({ name, start }) => lens('▷ Run test', start, name));
  return tests.length > 1 ? [lens(`▷ Run all ${tests.length} tests`, 0), ...each] : each;
}

/** What can be done with a statement. A pull query reads what there is now: there is no beginning to begin from. */
type RunnableKind = 'push-query' | 'pull-query' | 'persistent-query' | 'other';

interface Runnable {
  readonly start: number;
  readonly kind: RunnableKind;
}

/**
 * A statement that is broken, as it is with every other key while it is written, keeps its line by the words that it
 * begins with, and so do those after it that it swallows for want of a semicolon: the text below must not jump.
 */
function runnables({ node, text, range }: ParsedStatement): Runnable[] {
  if (node !== undefined) return [{ start: range.start, kind: KINDS[statementFormOf(node)] }];
  let start = range.start;
  return text.split(NEXT_STATEMENT).flatMap((piece) => {
    const kind = kindOfBroken(piece);
    const found = kind === undefined ? [] : [{ start, kind }];
    start += piece.length + 1;
    return found;
  });
}

const KINDS: Readonly<Record<StatementForm, RunnableKind>> = {
  push: 'push-query',
  pull: 'pull-query',
  'create-as': 'persistent-query',
  'insert-select': 'persistent-query',
  'insert-values': 'other',
  print: 'other',
  session: 'other',
  other: 'other',
};

function kindOfBroken(text: string): RunnableKind | undefined {
  const first = /^[a-z]+\b/i.exec(text)?.[0].toUpperCase();
  return first !== undefined && FIRST_WORDS.has(first) ? KINDS[statementFormIn(text)] : undefined;
}

/** The words that statements begin with. */
const FIRST_WORDS: ReadonlySet<string> = new Set([...STATEMENT_VERBS, ...TEST_VERBS]);

function commandsFor(kind: RunnableKind, reference: StatementReference): Command[] {
  const command = (title: string, name: string): Command => ({ title, command: name, arguments: [reference] });
  const run = command('▷ Run', 'ksql.run');
  const explain = command('Explain', 'ksql.explain');
  switch (kind) {
    case 'push-query':
      return [run, command('From the beginning', 'ksql.runFromBeginning'), explain];
    case 'pull-query':
      return [run, explain];
    case 'persistent-query':
      return [run, command('Preview', 'ksql.preview'), explain];
    case 'other':
      return [run];
    default:
      return kind satisfies never;
  }
}
