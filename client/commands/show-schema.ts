import * as vscode from 'vscode';
import type { KsqlClient } from '../../engine/api/client.ts';
import type { Connections } from '../connections/connections.ts';
import { messageOf } from '../connections/message-of.ts';

const SHOW = 'ksql.showSchema';
const SCHEME = 'ksql-schema';
/** The link to a schema in a script, in which the language server puts the subject. */
export const SUBJECT_PAGE = `command:${SHOW}?%5B%22{subject}%22%5D`;

const SUBJECTS = '/schema-registry/subjects';
/** How a schema's document ends, by the type of the schema; that of Avro is left out by a registry. */
const ENDINGS: Readonly<Record<string, string>> = { PROTOBUF: 'proto', JSON: 'schema.json' };

/** Registers the command that shows a schema of the connected registry, and the documents that it opens. */
export function registerSchemas(connections: Connections): vscode.Disposable {
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '',
    }),
    vscode.commands.registerCommand(SHOW, async (given: unknown) => {
      try {
        const { client } = await connections.open();
        const subject = typeof given === 'string' ? given : await pickSubject(client);
        if (subject === undefined) return;
        const { schema, type } = await newestSchema(client, subject);
        const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${subject}.${ENDINGS[type] ?? 'avsc.json'}` });
        texts.set(uri.toString(), type === 'PROTOBUF' ? schema : JSON.stringify(JSON.parse(schema), null, 2));
        changed.fire(uri);
        await vscode.window.showTextDocument(uri, { preview: true });
      } catch (error) {
        void vscode.window.showErrorMessage(vscode.l10n.t('The schema could not be read: {0}', messageOf(error)));
      }
    }),
  );
}

/** The newest version of a schema. @throws ClientError */
async function newestSchema(
  client: KsqlClient,
  subject: string,
): Promise<{ readonly schema: string; readonly type: string }> {
  const path = `${SUBJECTS}/${encodeURIComponent(subject)}/versions/latest`;
  const { schema, schemaType } = (await client.workbench(path)) as {
    readonly schema: string;
    readonly schemaType?: string;
  };
  return { schema, type: schemaType ?? 'AVRO' };
}

/** @throws ClientError */
async function pickSubject(client: KsqlClient): Promise<string | undefined> {
  const subjects = (await client.workbench(SUBJECTS)) as readonly string[];
  if (subjects.length > 0)
    return vscode.window.showQuickPick([...subjects].sort(), { placeHolder: vscode.l10n.t('Which schema?') });
  void vscode.window.showInformationMessage(vscode.l10n.t('The schema registry has no schemas yet.'));
  return undefined;
}
