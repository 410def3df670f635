import * as vscode from 'vscode';
import {
  CONNECTION_TRAITS,
  type Connection,
  connectionName,
  type NamedConnection,
  type SaslMechanism,
  type SecurityProtocol,
} from './connection.ts';
import type { Connections } from './connections.ts';
import { messageOf } from './message-of.ts';

type Choice = vscode.QuickPickItem & { readonly connection?: Connection; readonly isNew?: boolean };

const DETAILS: { readonly [K in Connection['kind']]: (connection: Extract<Connection, { kind: K }>) => string } = {
  embedded: () => vscode.l10n.t('Inside the extension: nothing to install'),
  sandbox: () => vscode.l10n.t('A Redpanda container on this machine, started when needed (Docker or Podman)'),
  kafka: ({ url }) => vscode.l10n.t('Kafka at {0}', url),
  ksqldb: ({ url }) => vscode.l10n.t('ksqlDB at {0}', url),
};

/** A kind of connection that users can add, and what is asked for one. */
interface NewKind {
  readonly label: string;
  readonly detail: string;
  readonly urlPrompt: string;
  readonly urlExample: string;
  /** What is wrong with an address; undefined where nothing is. */
  readonly urlProblem: (text: string) => string | undefined;
  /** Asks for all else; undefined when the user leaves. */
  readonly enter: (url: string) => Promise<Entered | undefined>;
}

const NEW_KINDS: Readonly<Record<NamedConnection['kind'], NewKind>> = {
  kafka: {
    label: vscode.l10n.t('Kafka cluster'),
    detail: vscode.l10n.t("The engine inside the extension reads and writes the cluster's topics"),
    urlPrompt: vscode.l10n.t('Bootstrap servers'),
    urlExample: 'localhost:9092',
    urlProblem: (text) =>
      text.split(',').every((part) => /^\s*[^\s:,]+:\d+\s*$/.test(part))
        ? undefined
        : vscode.l10n.t('Write it as host:port, host:port.'),
    enter: enterKafka,
  },
  ksqldb: {
    label: vscode.l10n.t('ksqlDB server'),
    detail: vscode.l10n.t('Statements run on the server, over its REST API'),
    urlPrompt: vscode.l10n.t('URL of the server'),
    urlExample: 'http://localhost:8088',
    urlProblem: httpProblem,
    enter: enterServer,
  },
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
    list.onDidTriggerItemButton(({ item }) => {
      list.hide();
      if (item.connection !== undefined) void connections.stop(item.connection);
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
  return { label: `$(${icon}) ${name}`, description, detail, connection, buttons: runs ? [stop] : [] };
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
  const entered = await enterConnection(NEW_KINDS[pick.makes]);
  if (entered === undefined) return;
  const { connection, password } = entered;
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
  if (problem !== undefined) {
    const keep = await vscode.window.showErrorMessage(`${connection.url}: ${problem}`, vscode.l10n.t('Keep It Anyway'));
    if (keep === undefined) return;
  }
  await connections.save(connection, password);
  await connections.choose(connection);
}

interface Entered {
  readonly connection: NamedConnection;
  readonly password: string | undefined;
}

/** Asks one thing after the other; undefined when the user leaves at any of them. */
async function enterConnection(kind: NewKind): Promise<Entered | undefined> {
  const url = await ask({
    title: vscode.l10n.t('New connection: where it is'),
    prompt: kind.urlPrompt,
    value: kind.urlExample,
    validateInput: kind.urlProblem,
  });
  if (url === undefined) return undefined;
  const details = await kind.enter(url.trim());
  if (details === undefined) return undefined;
  const name = await ask({
    title: vscode.l10n.t('New connection: name'),
    prompt: vscode.l10n.t('What to call it'),
    value: url.replace(/^https?:\/\//, ''),
  });
  if (name === undefined || name === '') return undefined;
  return { ...details, connection: { ...details.connection, name } };
}

async function enterServer(url: string): Promise<Entered | undefined> {
  const user = await ask({
    title: vscode.l10n.t('New connection: user'),
    prompt: vscode.l10n.t('User name; leave it empty when none is asked for'),
    value: '',
  });
  if (user === undefined) return undefined;
  const password = await ask({
    title: vscode.l10n.t('New connection: password'),
    prompt: user === '' ? vscode.l10n.t('Token; leave it empty when none is asked for') : vscode.l10n.t('Password'),
    password: true,
  });
  if (password === undefined) return undefined;
  return { connection: { kind: 'ksqldb', name: url, url, ...(user === '' ? {} : { user }) }, password };
}

const SECURITY: readonly (vscode.QuickPickItem & { readonly protocol: SecurityProtocol })[] = [
  {
    label: vscode.l10n.t('Nothing'),
    description: 'PLAINTEXT',
    detail: vscode.l10n.t('A cluster on this machine, or in a safe network'),
    protocol: 'PLAINTEXT',
  },
  { label: 'TLS', description: 'SSL', detail: vscode.l10n.t('Encrypted; no login'), protocol: 'SSL' },
  {
    label: vscode.l10n.t('Login over TLS'),
    description: 'SASL_SSL',
    detail: vscode.l10n.t('Most clusters in the cloud'),
    protocol: 'SASL_SSL',
  },
  { label: vscode.l10n.t('Login without encryption'), description: 'SASL_PLAINTEXT', protocol: 'SASL_PLAINTEXT' },
];
const MECHANISMS: readonly SaslMechanism[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];

async function enterKafka(url: string): Promise<Entered | undefined> {
  const security = await vscode.window.showQuickPick(SECURITY, {
    title: vscode.l10n.t('New connection: how it is secured'),
    ignoreFocusOut: true,
  });
  if (security === undefined) return undefined;
  const login = security.protocol.startsWith('SASL') ? await enterLogin() : {};
  if (login === undefined) return undefined;
  const schemaRegistryUrl = await ask({
    title: vscode.l10n.t('New connection: schema registry'),
    prompt: vscode.l10n.t('URL of the schema registry; leave it empty when there is none'),
    value: '',
    validateInput: (text) => (text === '' ? undefined : httpProblem(text)),
  });
  if (schemaRegistryUrl === undefined) return undefined;
  const { password, ...named } = login;
  const registry = schemaRegistryUrl === '' ? {} : { schemaRegistryUrl };
  return {
    connection: { kind: 'kafka', name: url, url, securityProtocol: security.protocol, ...named, ...registry },
    password,
  };
}

interface Login {
  readonly saslMechanism?: SaslMechanism;
  readonly user?: string;
  readonly password?: string;
}

async function enterLogin(): Promise<Login | undefined> {
  const mechanism = await vscode.window.showQuickPick(MECHANISMS, {
    title: vscode.l10n.t('New connection: how it asks for the password'),
    ignoreFocusOut: true,
  });
  if (mechanism === undefined) return undefined;
  const user = await ask({ title: vscode.l10n.t('New connection: user'), prompt: vscode.l10n.t('User name') });
  if (user === undefined) return undefined;
  const password = await ask({
    title: vscode.l10n.t('New connection: password'),
    prompt: vscode.l10n.t('Password'),
    password: true,
  });
  if (password === undefined) return undefined;
  return { saslMechanism: mechanism as SaslMechanism, user, password };
}

const ask = (options: vscode.InputBoxOptions) => vscode.window.showInputBox({ ...options, ignoreFocusOut: true });

function httpProblem(text: string): string | undefined {
  return /^https?:\/\/[^\s/]+/.test(text)
    ? undefined
    : vscode.l10n.t('Write it as http://host:port or https://host:port.');
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
