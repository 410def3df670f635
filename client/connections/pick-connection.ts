import * as vscode from 'vscode';
import { CONNECTION_TRAITS, type Connection, connectionName, type NamedConnection } from './connection.ts';
import type { Connections } from './connections.ts';
import { type Entered, enterConnection, NEW_KINDS } from './enter-connection.ts';
import { messageOf } from './message-of.ts';

type Choice = vscode.QuickPickItem & { readonly connection?: Connection; readonly isNew?: boolean };

const DETAILS: { readonly [K in Connection['kind']]: (connection: Extract<Connection, { kind: K }>) => string } = {
  embedded: () => vscode.l10n.t('Inside the extension: nothing to install'),
  sandbox: () => vscode.l10n.t('A Redpanda container on this machine, started when needed (Docker or Podman)'),
  kafka: ({ url }) => vscode.l10n.t('Kafka at {0}', url),
  ksqldb: ({ url }) => vscode.l10n.t('ksqlDB at {0}', url),
};

const EDIT: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('edit'),
  tooltip: vscode.l10n.t('Edit This Connection'),
};

/** Lets the user choose what statements run on. */
export async function pickConnection(connections: Connections): Promise<void> {
  const choices: Choice[] = connections.all.map((connection) => describe(connection, connections));
  const pick = await pickWithStop(
    [
      ...choices,
      { label: '', kind: vscode.QuickPickItemKind.Separator },
      { label: vscode.l10n.t('$(add) New connection…'), isNew: true },
    ],
    connections,
  );
  if (pick?.isNew) return newConnection(connections);
  if (pick?.connection !== undefined) await connections.choose(pick.connection);
}

/** A list whose running engines have a button that stops them. Choosing another connection leaves them running. */
function pickWithStop(items: readonly Choice[], connections: Connections): Promise<Choice | undefined> {
  const list = vscode.window.createQuickPick<Choice>();
  list.title = vscode.l10n.t('KSQL: run statements on');
  list.placeholder = vscode.l10n.t('An engine or a server');
  list.matchOnDescription = true;
  list.matchOnDetail = true;
  list.items = items;
  return new Promise((resolve) => {
    list.onDidAccept(() => {
      resolve(list.selectedItems[0]);
      list.hide();
    });
    list.onDidTriggerItemButton(({ item: { connection }, button }) => {
      list.hide();
      if (connection === undefined) return;
      if (button !== EDIT) void connections.stop(connection);
      else if ('name' in connection) void edit(connection, connections);
    });
    list.onDidHide(() => {
      resolve(undefined);
      list.dispose();
    });
    list.show();
  });
}

function describe(connection: Connection, connections: Connections): Choice {
  const name = connectionName(connection);
  const chosen = name === connections.name;
  const { icon } = CONNECTION_TRAITS[connection.kind];
  const detail = (DETAILS[connection.kind] as (connection: Connection) => string)(connection);
  const runs = connections.running.some((each) => connectionName(each) === name);
  const description = chosen ? stateText(connections) : runs ? vscode.l10n.t('running') : '';
  const stop = { iconPath: new vscode.ThemeIcon('debug-stop'), tooltip: vscode.l10n.t('Stop This Engine') };
  const buttons = [...('name' in connection ? [EDIT] : []), ...(runs ? [stop] : [])];
  return { label: `$(${icon}) ${name}`, description, detail, connection, buttons };
}

function stateText({ state }: Connections): string {
  switch (state.kind) {
    case 'idle':
      return vscode.l10n.t('chosen · not started');
    case 'starting':
      return vscode.l10n.t('chosen · starting');
    case 'connected':
      return vscode.l10n.t('chosen · connected · {0}', state.version);
    case 'failed':
      return vscode.l10n.t('chosen · not reachable: {0}', state.reason.split('\n')[0]!);
    default:
      return state satisfies never;
  }
}

/** Asks for a new connection, tries it, and keeps it only when it answers, or when the user wants it all the same. */
export async function newConnection(connections: Connections): Promise<void> {
  const kinds = Object.keys(NEW_KINDS) as (keyof typeof NEW_KINDS)[];
  const pick = await vscode.window.showQuickPick(
    kinds.map((kind) => {
      const { label, detail } = NEW_KINDS[kind];
      return { label: `$(${CONNECTION_TRAITS[kind].icon}) ${label}`, detail, makes: kind };
    }),
    { title: vscode.l10n.t('New connection: what to connect to') },
  );
  if (pick === undefined) return;
  const entered = await enterConnection(pick.makes);
  if (entered === undefined || !(await isKept(entered, connections))) return;
  await connections.save(entered.connection, entered.password);
  await connections.choose(entered.connection);
}

/** Tries a connection; whether it answers, or the user wants it all the same. */
async function isKept({ connection, password }: Entered, connections: Connections): Promise<boolean> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Trying {0} …', connection.url),
  };
  const problem = await vscode.window.withProgress(options, () =>
    connections.test(connection, password).then(
      () => undefined,
      (error) => messageOf(error),
    ),
  );
  if (problem === undefined) return true;
  const keep = vscode.l10n.t('Keep It Anyway');
  return (await vscode.window.showErrorMessage(`${connection.url}: ${problem}`, keep)) === keep;
}

/** Lets the user change a connection of their own. */
export async function editConnection(connections: Connections): Promise<void> {
  const named = connections.all.filter((connection) => 'name' in connection);
  if (named.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There are no connections of your own to edit.'));
    return;
  }
  const pick = await vscode.window.showQuickPick(
    named.map((connection) => ({ label: connection.name, detail: connection.url, connection })),
    { title: vscode.l10n.t('Edit a connection') },
  );
  if (pick !== undefined) await edit(pick.connection, connections);
}

/** Asks for everything anew, with what is known filled in. What runs by the old settings ends. */
async function edit(known: NamedConnection, connections: Connections): Promise<void> {
  const entered = await enterConnection(known.kind, known);
  if (entered === undefined) return;
  const { connection } = entered;
  const password = entered.password || (await connections.passwordOf(connection));
  if (!(await isKept({ connection, password }, connections))) return;
  await connections.save(connection, entered.password);
  if (connections.name === known.name) await connections.choose(connection);
}

/** Lets the user remove a connection of their own. */
export async function removeConnection(connections: Connections): Promise<void> {
  const named = connections.all.filter((connection) => 'name' in connection);
  if (named.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There are no connections of your own to remove.'));
    return;
  }
  const pick = await vscode.window.showQuickPick(
    named.map((connection) => ({ label: connection.name, detail: connection.url, connection })),
    { title: vscode.l10n.t('Remove a connection') },
  );
  if (pick !== undefined) await connections.remove(pick.connection);
}
