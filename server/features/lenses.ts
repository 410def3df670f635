import type { CodeLens, Command, Position } from 'vscode-languageserver';
import type { ParsedStatement } from '../../language/index.ts';
import { type TestBlock, testBlocks } from '../../language/parser/test-blocks.ts';
import type { Script } from '../script-store.ts';

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
  const found = parsed.statements.flatMap((statement) => {
    const position = document.positionAt(statement.range.start);
    const range = { start: position, end: position };
    const reference: StatementReference = { uri: document.uri, position };
    return commandsFor(statement, reference).map((command): CodeLens => ({ range, command }));
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

function commandsFor(statement: ParsedStatement, reference: StatementReference): Command[] {
  const command = (title: string, name: string): Command => ({ title, command: name, arguments: [reference] });
  const run = command('▷ Run', 'ksql.run');
  const explain = command('Explain', 'ksql.explain');
  switch (statement.node?.$type) {
    case undefined:
      return [];
    case 'Query':
      // A pull query reads what there is now: there is no beginning to begin from.
      return /\bEMIT\b/i.test(statement.text)
        ? [run, command('From the beginning', 'ksql.runFromBeginning'), explain]
        : [run, explain];
    case 'CreateAs':
    case 'InsertSelect':
      return [run, command('Preview', 'ksql.preview'), explain];
    default:
      return [run];
  }
}
