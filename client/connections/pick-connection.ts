import * as vscode from 'vscode';
import { type Connection, connectionName, type NamedConnection } from './connection.ts';
import { type Connections, messageOf } from './connections.ts';

type Choice = vscode.QuickPickItem & { readonly connection?: Connection; readonly isNew?: boolean };

const DETAILS = {
  embedded: 'Inside the extension, in memory: nothing to install',
  sandbox: 'A Redpanda container on this machine, started when needed (Docker or Podman)',
} as const;

/** Lets the user choose what statements run on. */
export async function pickConnection(connections: Connections): Promise<void> {
  const choices: Choice[] = connections.all.map((connection) => describe(connection, connections));
  const pick = await vscode.window.showQuickPick<Choice>(
    [
      ...choices,
      { label: '', kind: vscode.QuickPickItemKind.Separator },
      { label: '$(add) New connection…', isNew: true },
    ],
    {
      title: 'KSQL: run statements on',
      placeHolder: 'An engine or a server',
      matchOnDescription: true,
      matchOnDetail: true,
    },
  );
  if (pick?.isNew) return newConnection(connections);
  if (pick?.connection !== undefined) await connections.choose(pick.connection);
}

function describe(connection: Connection, connections: Connections): Choice {
  const name = connectionName(connection);
  const chosen = name === connections.name;
  const icon = { embedded: 'zap', sandbox: 'package', kafka: 'server-environment', ksqldb: 'server' }[connection.kind];
  const detail =
    'url' in connection
      ? `${connection.kind === 'kafka' ? 'Kafka' : 'ksqlDB'} at ${connection.url}`
      : DETAILS[connection.kind];
  return { label: `$(${icon}) ${name}`, description: chosen ? stateText(connections) : '', detail, connection };
}

function stateText({ state }: Connections): string {
  switch (state.kind) {
    case 'idle':
      return 'chosen · not started';
    case 'starting':
      return 'chosen · starting';
    case 'connected':
      return `chosen · connected · ${state.version}`;
    case 'failed':
      return `chosen · not reachable: ${state.reason.split('\n')[0]}`;
    default:
      return state satisfies never;
  }
}

/** Asks for a new connection, tries it, and keeps it only when it answers, or when the user wants it all the same. */
export async function newConnection(connections: Connections): Promise<void> {
  const kind = await vscode.window.showQuickPick(
    [
      {
        label: '$(server-environment) Kafka cluster',
        detail: "The engine inside the extension reads and writes the cluster's topics",
        makes: 'kafka' as const,
      },
      {
        label: '$(server) ksqlDB server',
        detail: 'Statements run on the server, over its REST API',
        makes: 'ksqldb' as const,
      },
    ],
    { title: 'New connection (1/4): what to connect to' },
  );
  if (kind === undefined) return;
  const entered = await enterConnection(kind.makes);
  if (entered === undefined) return;
  const { connection, password } = entered;
  const options = { location: vscode.ProgressLocation.Notification, title: `Trying ${connection.url} …` };
  const problem = await vscode.window.withProgress(options, () =>
    connections.test(connection, password).then(
      () => undefined,
      (error) => messageOf(error),
    ),
  );
  if (problem !== undefined) {
    const keep = await vscode.window.showErrorMessage(`${connection.url}: ${problem}`, 'Keep It Anyway');
    if (keep === undefined) return;
  }
  await connections.save(connection, password);
  await connections.choose(connection);
}

async function enterConnection(
  kind: NamedConnection['kind'],
): Promise<{ readonly connection: NamedConnection; readonly password: string | undefined } | undefined> {
  const isKafka = kind === 'kafka';
  const url = await ask({
    title: 'New connection (2/4): where it is',
    prompt: isKafka ? 'Bootstrap servers' : 'URL of the server',
    value: isKafka ? 'localhost:9092' : 'http://localhost:8088',
    validateInput: (text) => urlProblem(kind, text),
  });
  if (url === undefined) return undefined;
  const user = await ask({
    title: 'New connection (3/4): user',
    prompt: 'User name; leave it empty when none is asked for',
    value: '',
  });
  if (user === undefined) return undefined;
  const secret =
    user === '' && isKafka
      ? ''
      : await ask({
          title: 'New connection (3/4): password',
          prompt: user === '' ? 'Token; leave it empty when none is asked for' : 'Password',
          password: true,
        });
  if (secret === undefined) return undefined;
  const name = await ask({
    title: 'New connection (4/4): name',
    prompt: 'What to call it',
    value: url.replace(/^https?:\/\//, ''),
  });
  if (name === undefined || name === '') return undefined;
  const connection: NamedConnection = { kind, name, url: url.trim(), ...(user === '' ? {} : { user }) };
  return { connection, password: secret };
}

const ask = (options: vscode.InputBoxOptions) => vscode.window.showInputBox({ ...options, ignoreFocusOut: true });

function urlProblem(kind: NamedConnection['kind'], text: string): string | undefined {
  if (kind === 'ksqldb')
    return /^https?:\/\/[^\s/]+/.test(text) ? undefined : 'Write it as http://host:port or https://host:port.';
  return text.split(',').every((part) => /^\s*[^\s:,]+:\d+\s*$/.test(part))
    ? undefined
    : 'Write it as host:port, host:port.';
}

/** Lets the user remove a connection of their own. */
export async function removeConnection(connections: Connections): Promise<void> {
  const named = connections.all.filter((connection) => 'name' in connection);
  if (named.length === 0) {
    void vscode.window.showInformationMessage('There are no connections of your own to remove.');
    return;
  }
  const pick = await vscode.window.showQuickPick(
    named.map((connection) => ({ label: connection.name, detail: connection.url, connection })),
    { title: 'Remove a connection' },
  );
  if (pick !== undefined) await connections.remove(pick.connection);
}
