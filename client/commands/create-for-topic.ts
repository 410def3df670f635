import * as vscode from 'vscode';
import { createFromRegistry, sampleRecords } from '../../engine/api/sample-topic.ts';
import type { RequestsToServer } from '../../server/protocol.ts';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';
import { requireTrust } from './require-trust.ts';

type CreateFor = RequestsToServer['ksql/createFor'];

/** Asks the language server for the CREATE of a stream of such records. */
export type AskCreate = (params: CreateFor['params']) => Promise<CreateFor['result']>;

/**
 * Writes the CREATE of a stream over a topic at the end of the script, or into a new one: from the schema registry
 * where that knows the topic, else by what its first records look like.
 *
 * @param topic its name, or the item of the explorer that shows it
 */
export async function createForTopic(topic: unknown, connections: Connections, ask: AskCreate): Promise<void> {
  const name = typeof topic === 'string' ? topic : (topic as { readonly name?: unknown } | undefined)?.name;
  if (typeof name !== 'string' || !requireTrust()) return;
  try {
    const { client } = await connections.open();
    const text =
      (await createFromRegistry(client, name)) ??
      (await createFromSample(name, await sampleRecords(client, name), ask));
    if (text === undefined) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t(
          'The columns of {0} cannot be told: the schema registry does not know it, and its records are no JSON objects.',
          name,
        ),
      );
      return;
    }
    await append(text);
  } catch (error) {
    void vscode.window.showErrorMessage(vscode.l10n.t('The topic {0} could not be read: {1}', name, messageOf(error)));
  }
}

const createFromSample = async (
  topic: string,
  records: readonly string[],
  ask: AskCreate,
): Promise<string | undefined> => (records.length === 0 ? undefined : ((await ask({ topic, records })) ?? undefined));

async function append(text: string): Promise<void> {
  const open = vscode.window.activeTextEditor;
  if (open?.document.languageId !== 'ksql') {
    const document = await vscode.workspace.openTextDocument({ language: 'ksql', content: `${text}\n` });
    await vscode.window.showTextDocument(document);
    return;
  }
  const { document } = open;
  const end = document.lineAt(document.lineCount - 1).range.end;
  const gap = document.getText().trim() === '' ? '' : '\n\n';
  await open.edit((edit) => edit.insert(end, `${gap}${text}\n`));
  open.revealRange(new vscode.Range(end, end));
}
