import * as vscode from 'vscode';
import { identifierText } from '../../language/format/identifier-text.ts';
import type { StatementRunner } from '../commands/statement-runner.ts';
import { type Connections, messageOf } from '../connections/connections.ts';
import { scriptStatements } from '../statements/script-statements.ts';
import type { Explorer, ExplorerNode } from './explorer.ts';
import { PROCESSING_LOG_QUERY } from './processing-log.ts';

type Named = Extract<ExplorerNode, { readonly name: string }>;

/** Where the results of explorer actions go: one panel for all of them, and one for the processing log. */
const EXPLORER = vscode.Uri.parse('untitled:Explorer');
const PROCESSING_LOG = vscode.Uri.parse('untitled:Processing log');

/** How a statement of the explorer is run and shown. */
interface Shown {
  readonly fromBeginning?: boolean;
  readonly place?: vscode.Uri;
  readonly title?: string;
}

/** Registers what the menus of the explorer's items do. */
export function registerExplorerCommands(
  explorer: Explorer,
  connections: Connections,
  runner: StatementRunner,
): vscode.Disposable {
  const run = async (sql: string, { fromBeginning = false, place = EXPLORER, title }: Shown = {}) => {
    const document = detachedDocument(sql, place);
    const [statement] = scriptStatements(sql);
    await runner.run({
      document,
      statement: statement!,
      ...(title === undefined ? {} : { title }),
      ...(fromBeginning ? { startAt: 'beginning' } : {}),
    });
  };
  const register = (name: string, action: (node: Named) => unknown) =>
    vscode.commands.registerCommand(`ksql.explorer.${name}`, (node: Named | undefined) =>
      node === undefined ? undefined : action(node),
    );
  return vscode.Disposable.from(
    vscode.commands.registerCommand('ksql.explorer.refresh', async () => {
      await connections.refresh();
      explorer.refresh();
    }),
    register('describe', (node) => run(describeStatement(node))),
    register('select', ({ name }) =>
      run(`SELECT * FROM ${identifierText(name)} EMIT CHANGES;`, { fromBeginning: true }),
    ),
    register('print', (node) =>
      run(`PRINT ${quoted('source' in node ? node.source.topic : node.name)} FROM BEGINNING;`),
    ),
    register('terminate', async ({ name }) => {
      await run(`TERMINATE ${identifierText(name)};`);
      await connections.refresh();
    }),
    register('drop', (node) => drop(node, connections, run)),
    vscode.commands.registerCommand('ksql.showProcessingLog', () =>
      run(PROCESSING_LOG_QUERY, {
        fromBeginning: true,
        place: PROCESSING_LOG,
        title: 'Records that could not be processed',
      }),
    ),
    register('copyName', ({ name }) => vscode.env.clipboard.writeText(name)),
  );
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function describeStatement({ kind, name }: Named): string {
  if (kind === 'query') return `EXPLAIN ${identifierText(name)};`;
  if (kind === 'connector') return `DESCRIBE CONNECTOR ${identifierText(name)};`;
  return `DESCRIBE ${identifierText(name)} EXTENDED;`;
}

/** Drops a source or connector. The queries that write a source are ended first, because ksqlDB would not. */
async function drop(node: Named, connections: Connections, run: (sql: string) => Promise<void>): Promise<void> {
  const name = identifierText(node.name);
  if (node.kind === 'connector') {
    if (
      await confirmed(
        `Drop connector ${node.name}?`,
        'It stops writing to its topic. What it has written stays.',
        'Drop',
      )
    )
      await run(`DROP CONNECTOR ${name};`);
    return;
  }
  const kind = node.kind === 'table' ? 'TABLE' : 'STREAM';
  const answer = await vscode.window.showWarningMessage(
    `Drop ${kind.toLowerCase()} ${node.name}?`,
    { modal: true, detail: 'The query that fills it ends. Its topic stays unless you delete it too.' },
    'Drop',
    'Drop and Delete Topic',
  );
  if (answer === undefined) return;
  try {
    await run(`DROP ${kind} ${name}${answer === 'Drop' ? '' : ' DELETE TOPIC'};`);
  } catch (error) {
    void vscode.window.showErrorMessage(messageOf(error));
  }
  await connections.refresh();
}

async function confirmed(message: string, detail: string, action: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(message, { modal: true, detail }, action)) === action;
}

/** A document that is shown nowhere: the statements of the explorer's actions have no file. */
function detachedDocument(text: string, uri: vscode.Uri): vscode.TextDocument {
  return { uri, getText: () => text } as vscode.TextDocument;
}
