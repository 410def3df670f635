import { asEngineError } from '../api/errors.ts';
import type { Engine } from '../index.ts';
import {
  hideSecrets,
  type ListenChoice,
  ListenOptionError,
  type ListenSettings,
  listenSettings,
} from '../rest/listen-options.ts';
import { listen } from '../rest/server.ts';
import { EXIT, type ExitCode, UsageError } from '../script/exit-codes.ts';
import { readScript } from '../script/script-files.ts';
import { type EngineChoice, openEngine } from './open-engine.ts';

export interface ServeOptions extends EngineChoice, Omit<ListenChoice, 'property' | 'listen'> {
  readonly listen: string;
  readonly queriesFile?: string;
}

/** `ksql serve`: the engine behind ksqlDB's REST API, until it is told to stop. */
export async function serve(options: ServeOptions): Promise<ExitCode> {
  hideSecrets(options, 'ksql serve');
  const { server: settings, warnings } = settingsOf(options);
  const server = await listen(settings).catch((error: Error) => {
    throw new UsageError(`${options.listen} cannot be listened on: ${error.message}`);
  });
  const stopped = Promise.withResolvers<void>();
  // There is nothing to flush while it is being opened: what it writes then is whole after a crash, too.
  let stop = (): void => process.exit(EXIT.done);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
  let engine: Engine | undefined;
  try {
    engine = await openDeployed(options);
  } finally {
    if (engine === undefined) await server.close();
  }
  if (engine === undefined) return EXIT.failed;
  server.serve(engine);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  if (settings.token !== undefined && options.token === undefined) process.stderr.write(`token: ${settings.token}\n`);
  stop = stopped.resolve;
  process.stdout.write(`listening on ${server.url}\n`);
  await stopped.promise;
  await server.close();
  await engine.close();
  return EXIT.done;
}

/** Opens the engine, and has it run the statements of the deployment; undefined where those fail, which has been said. */
async function openDeployed(options: ServeOptions): Promise<Engine | undefined> {
  const { queriesFile } = options;
  const engine = await openEngine({ ...options, role: queriesFile === undefined ? 'interactive' : 'headless' });
  if (queriesFile === undefined || (await runHeadless(engine, queriesFile))) return engine;
  await engine.close();
  return undefined;
}

function settingsOf(options: ServeOptions): ListenSettings {
  try {
    return listenSettings(options, process.env);
  } catch (error) {
    if (error instanceof ListenOptionError) throw new UsageError(error.message);
    throw error;
  }
}

const HEADLESS =
  /^\s*(?:SET|UNSET|DEFINE|UNDEFINE|INSERT\s+INTO|CREATE\s+(?:OR\s+REPLACE\s+)?(?:SOURCE\s+)?(?:STREAM|TABLE|TYPE|SINK\s+CONNECTOR|CONNECTOR|SOURCE\s+CONNECTOR))\b/i;

/** Executes the statements of a deployment. What cannot be part of one is refused before anything runs. */
async function runHeadless(engine: Engine, file: string): Promise<boolean> {
  const text = readScript(file);
  const { parseScript } = await import('../../language/index.ts');
  const statements = parseScript(text, { dialect: 'latest' }).statements;
  const refused = statements.find((statement) => !HEADLESS.test(statement.text));
  if (refused !== undefined) {
    process.stderr.write(
      `${file}: Unsupported statement. Only SET, UNSET, CREATE STREAM, CREATE TABLE, CREATE TYPE, CREATE … AS SELECT and INSERT INTO are supported in standalone mode: ${refused.text}\n`,
    );
    return false;
  }
  if (!statements.some(({ node }) => node?.$type === 'CreateAs' || node?.$type === 'InsertSelect')) {
    process.stderr.write(
      `${file}: The SQL file does not contain any persistent queries. i.e. it contains no 'INSERT INTO', 'CREATE TABLE x AS SELECT' or 'CREATE STREAM x AS SELECT' style statements.\n`,
    );
    return false;
  }
  if (engine.queries.persistent().length > 0) return true;
  try {
    await engine.execute(text);
    return true;
  } catch (error) {
    process.stderr.write(`${file}: ${asEngineError(error).message}\n`);
    return false;
  }
}
