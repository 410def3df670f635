import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseBytes } from '../memory/byte-text.ts';

/** Collects `--property NAME=VALUE` options into one object. */
function property(text: string, previous: Record<string, string> = {}): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Write it as NAME=VALUE.');
  return { ...previous, [text.slice(0, equals).trim()]: text.slice(equals + 1).trim() };
}

/** Collects the values of an option that may be given several times. */
export const collected = (text: string, previous: readonly string[] = []): readonly string[] => [...previous, text];

/** A length of time above zero, in seconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('Give a number of seconds.');
  return value;
}

/** @throws InvalidArgumentError */
export function columns(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 20) throw new InvalidArgumentError('Give a number of columns, at least 20.');
  return value;
}

/** Below this the engine itself has no room. */
const MIN_MEMORY_BYTES = 16 * 1024 * 1024;

function memorySize(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw new InvalidArgumentError('Give a size, such as 512MB or 2GB.');
  if (bytes < MIN_MEMORY_BYTES) throw new InvalidArgumentError('Give 16MB or more.');
  return bytes;
}

export const memoryOption = () =>
  new Option(
    '--memory <size>',
    "what topics, state, results and logs may take, such as 512MB or 2GB; half of the machine's if it is not given",
  ).argParser(memorySize);
export const dialectOption = () =>
  new Option('--dialect <dialect>', "ksqlDB's present grammar, or that of 2018")
    .choices(['latest', '2018'])
    .default('latest');
/** @param more what can be printed besides text and JSON */
export const formatOption = (...more: readonly string[]) =>
  new Option('--format <format>', 'how to print').choices(['text', 'json', ...more]).default('text');
export const propertyOption = () =>
  new Option('--property <NAME=VALUE>', 'a setting, as SET would give it').argParser(property);
export const functionsOption = () =>
  new Option(
    '--functions <dir>',
    'a folder with functions of your own, in JavaScript or TypeScript (repeatable)',
  ).argParser(collected);
export const filesOption = (otherwise: string) =>
  new Option('--files <dir>', `a folder whose files connectors may read (repeatable; ${otherwise})`).argParser(
    collected,
  );

/** @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('Give a whole number.');
  return value;
}

/** @throws InvalidArgumentError */
export function atLeastOne(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number above zero.');
  return value;
}

/** A part of a whole, from 0 to 1. @throws InvalidArgumentError */
export function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('Give a part of the whole, from 0 to 1.');
  return value;
}

/** A time as milliseconds since the epoch. @throws InvalidArgumentError */
export function time(text: string): number {
  const timeMs = /^\d+$/.test(text) ? Number(text) : /^\d{4}-\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isSafeInteger(timeMs))
    throw new InvalidArgumentError('Give a time such as 2026-11-30T12:00:00Z, or milliseconds since 1970.');
  return timeMs;
}

/** A factor above zero. @throws InvalidArgumentError */
export function factor(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('Give a number above zero.');
  return value;
}

/** An engine in this process over a Kafka cluster, or over what a state directory holds. */
export const withEngineOptions = (command: Command): Command =>
  command
    .option('--bootstrap-server <list>', 'a Kafka cluster')
    .option('--schema-registry <url>', "the cluster's schema registry")
    .option('--state-dir <dir>', 'the state directory of an engine that does not run')
    .addOption(propertyOption());

/** Which server to send statements to, and who to be there. */
export const withServerOptions = (command: Command): Command =>
  command
    .option('--server <url>', 'a ksqlDB REST server instead of the embedded engine')
    .option('--token <token>', "the server's token")
    .option('--user <user>', 'who to be on a server that wants a password')
    .option('--password <password>', "the user's password; also KSQL_PASSWORD in the environment")
    .option('--ca <file>', "whom to believe the server's certificate (PEM)");
