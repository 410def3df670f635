import * as vscode from 'vscode';
import { identifierText } from '../../language/text/identifier-text.ts';
import type { StatementRunner } from '../commands/statement-runner.ts';
import type { Connections } from '../connections/connections.ts';
import { scriptStatements } from '../statements/script-statements.ts';
import { dropStatements, planDrop } from './drop-plan.ts';
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
  readonly isConfirmed?: boolean;
}

/** Registers what the menus of the explorer's items do. */
export function registerExplorerCommands(
  explorer: Explorer,
  connections: Connections,
  runner: StatementRunner,
): vscode.Disposable {
  const run = async (sql: string, { fromBeginning = false, place = EXPLORER, title, isConfirmed }: Shown = {}) => {
    const document = detachedDocument(sql, place);
    const [statement] = scriptStatements(sql);
    return runner.run({
      document,
      statement: statement!,
      title,
      isConfirmed,
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
    register('drop', (node) => drop(node, connections, (sql) => run(sql, { isConfirmed: true }))),
    vscode.commands.registerCommand('ksql.showProcessingLog', () =>
      run(PROCESSING_LOG_QUERY, {
        fromBeginning: true,
        place: PROCESSING_LOG,
        title: vscode.l10n.t('Records that could not be processed'),
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

/** Asks once, with what depends on it, and drops in order. */
async function drop(node: Named, connections: Connections, run: (sql: string) => Promise<boolean>): Promise<void> {
  if (node.kind === 'connector') return dropConnector(node.name, run);
  await connections.refresh();
  const { snapshot } = connections;
  if (snapshot === undefined) return;
  const kind = node.kind === 'table' ? 'TABLE' : 'STREAM';
  const plan = planDrop({ name: node.name, kind }, snapshot);
  const others = plan.sources.slice(0, -1).map(({ kind: what, name }) => `${what.toLowerCase()} ${name}`);
  const [all, withTopics] =
    others.length === 0
      ? [vscode.l10n.t('Drop'), vscode.l10n.t('Drop and Delete Topic')]
      : [vscode.l10n.t('Drop All'), vscode.l10n.t('Drop All and Delete Topics')];
  const answer = await vscode.window.showWarningMessage(
    kind === 'TABLE' ? vscode.l10n.t('Drop table {0}?', node.name) : vscode.l10n.t('Drop stream {0}?', node.name),
    {
      modal: true,
      detail: [
        ...(others.length === 0 ? [] : [vscode.l10n.t('Made from it, and dropped with it: {0}.', others.join(', '))]),
        ...(plan.queries.length === 0 ? [] : [vscode.l10n.t('Queries that end: {0}.', plan.queries.join(', '))]),
        others.length === 0
          ? vscode.l10n.t('Its topic stays unless you delete it too.')
          : vscode.l10n.t('The topics stay unless you delete them too.'),
      ].join('\n'),
    },
    all,
    withTopics,
  );
  if (answer === undefined) return;
  for (const sql of dropStatements(plan, answer === withTopics)) if (!(await run(sql))) break;
  await connections.refresh();
}

async function dropConnector(name: string, run: (sql: string) => Promise<boolean>): Promise<void> {
  const detail = vscode.l10n.t('It stops writing to its topic. What it has written stays.');
  if (await confirmed(vscode.l10n.t('Drop connector {0}?', name), detail, vscode.l10n.t('Drop')))
    await run(`DROP CONNECTOR ${identifierText(name)};`);
}

async function confirmed(message: string, detail: string, action: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(message, { modal: true, detail }, action)) === action;
}

/** A document that is shown nowhere: the statements of the explorer's actions have no file. */
function detachedDocument(text: string, uri: vscode.Uri): vscode.TextDocument {
  return { uri, getText: () => text } as vscode.TextDocument;
}
