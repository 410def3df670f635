import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { type NamedConnection, type SaslMechanism, type SecurityProtocol, securityProtocolOf } from './connection.ts';

/** A kind of connection that users can add, and what is asked for one. */
interface NewKind {
  readonly label: string;
  readonly detail: string;
  readonly urlPrompt: string;
  readonly urlExample: string;
  /** What is wrong with an address; undefined where nothing is. */
  readonly urlProblem: (text: string) => string | undefined;
  /** Asks for all else; undefined when the user leaves. */
  readonly enter: (url: string, known: NamedConnection | undefined) => Promise<Entered | undefined>;
}

export const NEW_KINDS: Readonly<Record<NamedConnection['kind'], NewKind>> = {
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

export interface Entered {
  readonly connection: NamedConnection;
  readonly password: string | undefined;
}

/**
 * Asks one thing after the other; undefined when the user leaves at any of them.
 * @param known what is to be changed: it keeps its name, and an empty password stands for the stored one
 */
export async function enterConnection(
  kindName: NamedConnection['kind'],
  known?: NamedConnection,
): Promise<Entered | undefined> {
  const kind = NEW_KINDS[kindName];
  const url = await ask({
    title: vscode.l10n.t('Connection: where it is'),
    prompt: kind.urlPrompt,
    value: known?.url ?? kind.urlExample,
    validateInput: kind.urlProblem,
  });
  if (url === undefined) return undefined;
  const details = await kind.enter(url.trim(), known);
  if (details === undefined) return undefined;
  if (known !== undefined) return { ...details, connection: { ...details.connection, name: known.name } };
  const name = await ask({
    title: vscode.l10n.t('Connection: name'),
    prompt: vscode.l10n.t('What to call it'),
    value: url.replace(/^https?:\/\//, ''),
  });
  if (name === undefined || name === '') return undefined;
  return { ...details, connection: { ...details.connection, name } };
}

async function enterServer(url: string, known: NamedConnection | undefined): Promise<Entered | undefined> {
  const user = await ask({
    title: vscode.l10n.t('Connection: user'),
    prompt: vscode.l10n.t('User name; leave it empty when none is asked for'),
    value: known?.user ?? '',
  });
  if (user === undefined) return undefined;
  const prompt =
    user === '' ? vscode.l10n.t('Token; leave it empty when none is asked for') : vscode.l10n.t('Password');
  const password = await askSecret(prompt, known);
  if (password === undefined) return undefined;
  return { connection: { kind: 'ksqldb', name: url, url, ...given({ user }) }, password };
}

const SECURITY: readonly (vscode.QuickPickItem & { readonly protocol: SecurityProtocol })[] = [
  {
    label: vscode.l10n.t('Nothing'),
    description: 'PLAINTEXT',
    detail: vscode.l10n.t('A cluster on this machine, or in a safe network'),
    protocol: 'PLAINTEXT',
  },
  {
    label: 'TLS',
    description: 'SSL',
    detail: vscode.l10n.t('Encrypted; the broker may ask for a certificate of this client, and for no password'),
    protocol: 'SSL',
  },
  {
    label: vscode.l10n.t('Login over TLS'),
    description: 'SASL_SSL',
    detail: vscode.l10n.t('Most clusters in the cloud'),
    protocol: 'SASL_SSL',
  },
  { label: vscode.l10n.t('Login without encryption'), description: 'SASL_PLAINTEXT', protocol: 'SASL_PLAINTEXT' },
];

const MECHANISM_DETAILS: Readonly<Record<SaslMechanism, string>> = {
  PLAIN: vscode.l10n.t('User name and password, or API key and secret'),
  'SCRAM-SHA-256': '',
  'SCRAM-SHA-512': '',
  OAUTHBEARER: vscode.l10n.t('An access token for a client id and its secret'),
};
const MECHANISMS = (Object.keys(MECHANISM_DETAILS) as SaslMechanism[]).map((mechanism) => ({
  label: mechanism,
  detail: MECHANISM_DETAILS[mechanism],
  mechanism,
}));

type KafkaConnection = Extract<NamedConnection, { kind: 'kafka' }>;

async function enterKafka(url: string, named: NamedConnection | undefined): Promise<Entered | undefined> {
  const known = named?.kind === 'kafka' ? named : undefined;
  const now = known === undefined ? 'PLAINTEXT' : securityProtocolOf(known);
  const security = await pick(
    vscode.l10n.t('Connection: how it is secured'),
    SECURITY,
    (each) => each.protocol === now,
  );
  if (security === undefined) return undefined;
  const { protocol } = security;
  const tls = protocol.endsWith('SSL') ? await enterCertificates(known) : {};
  if (tls === undefined) return undefined;
  const login = protocol.startsWith('SASL') ? await enterLogin(known) : {};
  if (login === undefined) return undefined;
  const { password: loginPassword, ...user } = login;
  const needsKeyPassword = protocol === 'SSL' && tls.keyFile !== undefined;
  const password = needsKeyPassword
    ? await askSecret(vscode.l10n.t('Password of the key; leave it empty when it has none'), known)
    : loginPassword;
  if (needsKeyPassword && password === undefined) return undefined;
  const urls = await enterUrls(known);
  if (urls === undefined) return undefined;
  const { serviceId = '' } = known ?? {};
  const connection = { kind: 'kafka', name: url, url, securityProtocol: protocol, ...tls, ...user, ...urls } as const;
  return { connection: { ...connection, ...given({ serviceId }) }, password };
}

/** Where what belongs to the cluster is; undefined when the user leaves. */
async function enterUrls(
  known: KafkaConnection | undefined,
): Promise<Pick<KafkaConnection, 'schemaRegistryUrl' | 'connectUrl'> | undefined> {
  const schemaRegistryUrl = await askUrl({
    title: vscode.l10n.t('Connection: schema registry'),
    prompt: vscode.l10n.t('URL of the schema registry; leave it empty when there is none'),
    value: known?.schemaRegistryUrl ?? '',
  });
  if (schemaRegistryUrl === undefined) return undefined;
  const connectUrl = await askUrl({
    title: vscode.l10n.t('Connection: Kafka Connect'),
    prompt: vscode.l10n.t('URL of Kafka Connect; leave it empty when there is none'),
    value: known?.connectUrl ?? '',
  });
  return connectUrl === undefined ? undefined : given({ schemaRegistryUrl, connectUrl });
}

async function enterCertificates(
  known: KafkaConnection | undefined,
): Promise<Pick<KafkaConnection, 'caFile' | 'keyFile'> | undefined> {
  const caFile = await askFile({
    title: vscode.l10n.t('Connection: who is trusted'),
    prompt: vscode.l10n.t(
      "A PEM file of the authority that signed the brokers' certificates; leave it empty for the system's",
    ),
    value: known?.caFile ?? '',
  });
  if (caFile === undefined) return undefined;
  const keyFile = await askFile({
    title: vscode.l10n.t('Connection: certificate of this client'),
    prompt: vscode.l10n.t(
      'A PKCS#12 file, or a PEM file of key and certificates (no JKS); leave it empty when none is asked for',
    ),
    value: known?.keyFile ?? '',
  });
  return keyFile === undefined ? undefined : given({ caFile, keyFile });
}

type Login = Pick<KafkaConnection, 'saslMechanism' | 'user' | 'tokenEndpoint' | 'scope'> & {
  readonly password?: string;
};

async function enterLogin(known: KafkaConnection | undefined): Promise<Login | undefined> {
  const now = known?.saslMechanism ?? 'PLAIN';
  const choice = await pick(
    vscode.l10n.t('Connection: how to log in'),
    MECHANISMS,
    ({ mechanism }) => mechanism === now,
  );
  if (choice === undefined) return undefined;
  const { mechanism: saslMechanism } = choice;
  const isToken = saslMechanism === 'OAUTHBEARER';
  const token = isToken ? await enterTokenEndpoint(known) : {};
  if (token === undefined) return undefined;
  const user = await ask({
    title: vscode.l10n.t('Connection: user'),
    prompt: isToken ? vscode.l10n.t('Client id') : vscode.l10n.t('User name'),
    value: known?.user ?? '',
  });
  if (user === undefined) return undefined;
  const password = await askSecret(isToken ? vscode.l10n.t('Client secret') : vscode.l10n.t('Password'), known);
  return password === undefined ? undefined : { saslMechanism, user, ...token, password };
}

async function enterTokenEndpoint(
  known: KafkaConnection | undefined,
): Promise<Pick<KafkaConnection, 'tokenEndpoint' | 'scope'> | undefined> {
  const tokenEndpoint = await ask({
    title: vscode.l10n.t('Connection: access token'),
    prompt: vscode.l10n.t('URL where an access token is had'),
    value: known?.tokenEndpoint ?? '',
    validateInput: httpProblem,
  });
  if (tokenEndpoint === undefined) return undefined;
  const scope = await ask({
    title: vscode.l10n.t('Connection: access token'),
    prompt: vscode.l10n.t('Scope; leave it empty when none is asked for'),
    value: known?.scope ?? '',
  });
  return scope === undefined ? undefined : { tokenEndpoint, ...given({ scope }) };
}

const ask = (options: vscode.InputBoxOptions) => vscode.window.showInputBox({ ...options, ignoreFocusOut: true });

const askUrl = (options: vscode.InputBoxOptions) =>
  ask({ ...options, validateInput: (text) => (text === '' ? undefined : httpProblem(text)) });

/** A path of this machine; the file must be there. */
const askFile = (options: vscode.InputBoxOptions) =>
  ask({
    ...options,
    validateInput: (text) =>
      text === '' || existsSync(text) ? undefined : vscode.l10n.t('There is no such file on this machine.'),
  });

function askSecret(prompt: string, known: NamedConnection | undefined): Thenable<string | undefined> {
  const kept = vscode.l10n.t('Leave it empty to keep the stored one.');
  const title = vscode.l10n.t('Connection: password');
  return ask({ title, prompt: known === undefined ? prompt : `${prompt}. ${kept}`, password: true });
}

/** A list whose first item is what is so now. */
function pick<T extends vscode.QuickPickItem>(
  title: string,
  items: readonly T[],
  isNow: (item: T) => boolean,
): Thenable<T | undefined> {
  const sorted = [...items.filter(isNow), ...items.filter((item) => !isNow(item))];
  return vscode.window.showQuickPick(sorted, { title, ignoreFocusOut: true });
}

/** What was not left empty. */
function given<T extends Readonly<Record<string, string>>>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== '')) as Partial<T>;
}

function httpProblem(text: string): string | undefined {
  return /^https?:\/\/[^\s/]+/.test(text)
    ? undefined
    : vscode.l10n.t('Write it as http://host:port or https://host:port.');
}
