import * as vscode from 'vscode';
import type { Connection } from '../connections/connection.ts';
import { firstWords } from '../statements/script-statements.ts';

/** When to ask: never, where others may work on the same (a Kafka cluster, a ksqlDB server), or always. */
type Confirm = 'never' | 'shared' | 'always';

const DESTRUCTIVE = /^\s*(DROP|TERMINATE)\b/i;

/** Asks before a statement takes something away, where the settings want that. @returns whether to run it */
export async function confirmDestructive(statement: string, connection: Connection, name: string): Promise<boolean> {
  if (!DESTRUCTIVE.test(statement) || !isAsked('confirmDestructive', connection)) return true;
  return confirmed(vscode.l10n.t('Run {0} on {1}?', firstWords(statement), name));
}

/** Asks before all statements of a file run, where the settings want that. @returns whether to run them */
export async function confirmFile(file: string, connection: Connection, name: string): Promise<boolean> {
  return !isAsked('confirmFile', connection) || confirmed(vscode.l10n.t('Run all of {0} on {1}?', file, name));
}

function isAsked(setting: string, { kind }: Connection): boolean {
  const wanted = vscode.workspace.getConfiguration('ksql.run').get<Confirm>(setting, 'never');
  return wanted === 'always' || (wanted === 'shared' && (kind === 'kafka' || kind === 'ksqldb'));
}

async function confirmed(question: string): Promise<boolean> {
  const run = vscode.l10n.t('Run');
  return (await vscode.window.showWarningMessage(question, { modal: true }, run)) === run;
}
