import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { StateDirectoryInUse } from './files/state-directory-lock.ts';
import type { Engine } from './index.ts';
import { type OpenOptions, openEngine } from './open-engine.ts';
import { hideSecrets, ListenOptionError, listenSettings } from './rest/listen-options.ts';
import { listen } from './rest/server.ts';

const USAGE = `engine [--listen HOST:PORT] [--token TOKEN | --no-token] [--basic-auth USER:PASSWORD]… [--basic-auth-file FILE]
       [--tls-cert FILE --tls-key FILE] [--bootstrap-server LIST] [--schema-registry URL]
       [--connect URL] [--state-dir DIR [--state-wait SECONDS] [--empty-state]] [--service-id ID]
       [--folder DIR]… [--functions DIR] [--property NAME=VALUE]…`;
/** What the process ends with where another engine has its state directory: whoever starts it may choose another. */
const EXIT_STATE_IN_USE = 75;

/** An option that is written wrongly, so that it helps to see how they are written. */
class UsageError extends Error {}

/** The engine as a process of its own: whoever starts it reads from its first lines where it listens, and with what token. */
async function main(): Promise<void> {
  // A parent that has gone leaves the channel closed behind it, perhaps while the engine is being opened: nobody else would end it.
  const orphaned = new Promise<void>((resolve) => process.once('disconnect', resolve));
  const values = readOptions();
  const properties = { ...propertiesOf(process.env), ...Object.fromEntries(values.property.map(nameAndValue)) };
  const choice = {
    listen: values.listen,
    token: values['no-token'] ? (false as const) : values.token,
    basicAuth: values['basic-auth'],
    basicAuthFile: values['basic-auth-file'],
    tlsCert: values['tls-cert'],
    tlsKey: values['tls-key'],
    property: properties,
  };
  hideSecrets(choice, 'ksql engine');
  const { server: settings, warnings } = listenSettings(choice, process.env);
  let engine: Engine | undefined;
  let isStopping = false;
  const stop = (): void => {
    // There is nothing to flush while it is being opened: what it writes then is whole after a crash, too.
    const opened = engine ?? process.exit(0);
    if (isStopping) return;
    isStopping = true;
    void server
      .close()
      .then(() => opened.close())
      .then(() => process.exit(0));
  };
  const server = await listen({ ...settings, onTerminate: stop });
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  void orphaned.then(stop);
  try {
    engine = await openEngine(openOptions(values, properties));
  } catch (error) {
    await server.close();
    throw error;
  }
  server.serve(engine);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  if (settings.token !== undefined && values.token === undefined) process.stdout.write(`token ${settings.token}\n`);
  process.stdout.write(`listening on ${server.url}\n`);
}

const OPTIONS = {
  listen: { type: 'string', default: '127.0.0.1:8088' },
  token: { type: 'string' },
  'no-token': { type: 'boolean', default: false },
  'basic-auth': { type: 'string', multiple: true, default: [] },
  'basic-auth-file': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'bootstrap-server': { type: 'string' },
  'schema-registry': { type: 'string' },
  connect: { type: 'string' },
  'state-dir': { type: 'string' },
  'state-wait': { type: 'string', default: '0' },
  'empty-state': { type: 'boolean', default: false },
  'service-id': { type: 'string' },
  folder: { type: 'string', multiple: true, default: [] },
  functions: { type: 'string' },
  property: { type: 'string', multiple: true, default: [] },
} as const satisfies ParseArgsOptionsConfig;

function readOptions() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function openOptions(
  values: ReturnType<typeof readOptions>,
  properties: Readonly<Record<string, string>>,
): OpenOptions {
  return {
    ...optional('bootstrapServers', values['bootstrap-server']),
    ...optional('schemaRegistryUrl', values['schema-registry']),
    ...optional('connectUrl', values.connect),
    ...optional('stateDir', values['state-dir']),
    stateWaitMs: secondsAsMs(values['state-wait']),
    emptyState: values['empty-state'],
    ...optional('serviceId', values['service-id']),
    role: 'interactive',
    listen: values.listen,
    folders: () => values.folder,
    functionsFolder: values.functions,
    onFunctionProblem: (problem) => process.stderr.write(`${problem}\n`),
    onNotice: (notice) => process.stderr.write(`${notice}\n`),
    properties,
  };
}

/** Properties from the environment as a JSON object: passwords on a command line would be there for everyone to read. */
function propertiesOf({ KSQL_PROPERTIES: text }: NodeJS.ProcessEnv): Record<string, string> {
  return text === undefined ? {} : (JSON.parse(text) as Record<string, string>);
}

function nameAndValue(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new UsageError(`--property ${text}: give NAME=VALUE`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function secondsAsMs(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0)) throw new UsageError(`--state-wait ${text}: give a number of seconds`);
  return seconds * 1000;
}

/** An object with the field, or without it when the value is absent. */
function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  // What Kafka, a file or the engine refuses has nothing to do with how the options are written.
  if (error instanceof UsageError || error instanceof ListenOptionError) process.stderr.write(`${USAGE}\n`);
  process.exitCode = error instanceof StateDirectoryInUse ? EXIT_STATE_IN_USE : 1;
}
