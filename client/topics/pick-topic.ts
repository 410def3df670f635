import * as vscode from 'vscode';
import type { KsqlClient } from '../../engine/api/client.ts';

/** The names of all topics. @throws ClientError */
async function topicsOf(client: KsqlClient): Promise<readonly vscode.QuickPickItem[]> {
  const [answer] = await client.execute('SHOW TOPICS;');
  if (answer?.['@type'] !== 'kafka_topics') return [];
  return answer.topics.map(({ name, replicaInfo }) => ({
    label: name,
    description:
      replicaInfo.length === 1
        ? vscode.l10n.t('1 partition')
        : vscode.l10n.t('{0} partitions', replicaInfo.length.toLocaleString('en-US')),
  }));
}

/** Asks for some of the server's topics. @returns undefined where none was chosen. @throws ClientError */
export async function pickTopics(client: KsqlClient): Promise<readonly string[] | undefined> {
  const picked = await vscode.window.showQuickPick(await topicsOf(client), {
    title: vscode.l10n.t('Topics to Capture'),
    canPickMany: true,
  });
  return picked?.map(({ label }) => label);
}

/** Asks for one of the server's topics. @returns undefined where none was chosen. @throws ClientError */
export async function pickTopic(client: KsqlClient): Promise<string | undefined> {
  const topics = await topicsOf(client);
  if (topics.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('There is no topic. Run a CREATE STREAM, which makes one.'),
    );
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(topics, {
    title: vscode.l10n.t('Choose a Topic'),
  });
  return picked?.label;
}
