import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EngineError } from '../api/errors.ts';
import { BrokerError } from '../broker/broker.ts';
import { StateError } from '../files/file-error.ts';
import { parseBytes } from '../memory/byte-text.ts';
import { EXIT, type ExitCode, UsageError } from '../script/exit-codes.ts';

/** Collects `--property NAME=VALUE` options into one object. */
function property(text: string, previous: Record<string, string> = {}): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Write it as NAME=VALUE.');
  return { ...previous, [text.slice(0, equals).trim()]: text.slice(equals + 1).trim() };
}

/** Collects the values of an option that may be given several times. */
const collected = (text: string, previous: readonly string[] = []): readonly string[] => [...previous, text];

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('Give a number of seconds.');
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

const memoryOption = () =>
  new Option(
    '--memory <size>',
    "what topics, state, results and logs may take, such as 512MB or 2GB; half of the machine's if it is not given",
  ).argParser(memorySize);
const dialectOption = () =>
  new Option('--dialect <dialect>', "ksqlDB's present grammar, or that of 2018")
    .choices(['latest', '2018'])
    .default('latest');
const propertyOption = () =>
  new Option('--property <NAME=VALUE>', 'a setting, as SET would give it').argParser(property);
const functionsOption = () =>
  new Option('--functions <dir>', 'a folder with functions of your own, in JavaScript or TypeScript');
const filesOption = (otherwise: string) =>
  new Option('--files <dir>', `a folder whose files connectors may read (repeatable; ${otherwise})`).argParser(
    collected,
  );
/** Which server to send statements to, and who to be there. */
const withServerOptions = (command: Command): Command =>
  command
    .option('--server <url>', 'a ksqlDB REST server instead of the embedded engine')
    .option('--token <token>', "the server's token")
    .option('--user <user>', 'who to be on a server that wants a password')
    .option('--password <password>', "the user's password; also KSQL_PASSWORD in the environment")
    .option('--ca <file>', "whom to believe the server's certificate (PEM)");

/**
 * The command line. Every command is loaded when it is asked for, so that `ksql check` costs neither the engine nor the
 * container library.
 */
function commandLine(exit: (code: ExitCode) => void): Command {
  const program = withServerOptions(new Command('ksql'))
    .description(
      'KSQL without a cluster: check, run and test .ksql files, or serve them behind the REST API of ksqlDB.',
    )
    .version('0.1.0')
    .addOption(functionsOption())
    .addOption(filesOption('default: the current folder'))
    .exitOverride()
    .configureHelp({ showGlobalOptions: false });

  program
    .command('check')
    .description('analyse .ksql and .sql files; no connection is made')
    .argument('[path...]', 'files, or folders with such files inside')
    .option('--together', 'the files see what the others define')
    .option('--explain <code>', 'print what there is to say about the code of a diagnostic, such as unknown-column')
    .addOption(dialectOption())
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addOption(propertyOption())
    .addOption(functionsOption())
    .action(async (paths: string[], options) =>
      exit(await (await import('./check.ts')).check(paths, merged(program, options))),
    );

  program
    .command('format')
    .description('print .ksql and .sql files in one style; statements with syntax errors stay as they are')
    .argument('<path...>', 'files, or folders with such files inside')
    .option('--check', 'print the names of the files that would change, and fail if there are any')
    .option('--write', 'change the files, and print the names of those that changed')
    .addOption(dialectOption())
    .action(async (paths: string[], options) => exit(await (await import('./format.ts')).format(paths, options)));

  program
    .command('test')
    .description("run test files: the SQL test dialect, ksqlDB's own JSON cases, or one ksql-test-runner triple")
    .argument('[path...]', 'files or folders')
    .option('--report <file>', 'write the verdicts as JSON')
    .option('--only <regex>', 'only cases whose full name matches')
    .addOption(new Option('--timeout <seconds>', 'how long one case may take').argParser(seconds).default(30))
    .option('--statements-file <file>')
    .option('--input-file <file>')
    .option('--output-file <file>')
    .addOption(functionsOption())
    .action(async (paths: string[], options) =>
      exit(await (await import('./test-command.ts')).test(paths, merged(program, options))),
    );

  withServerOptions(program.command('run'))
    .description('execute scripts on the embedded engine or a ksqlDB server')
    .argument('<file...>')
    .option('--until-end', 'process what the topics hold now, print the results, then end')
    .addOption(
      new Option('--idle-timeout <seconds>', 'end a push query or PRINT when no row has come for so long').argParser(
        seconds,
      ),
    )
    .addOption(new Option('--output <form>', 'how to print rows').choices(['table', 'json', 'csv']).default('table'))
    .addOption(propertyOption())
    .addOption(dialectOption())
    .addOption(functionsOption())
    .addOption(filesOption('besides those of the scripts; default: the current folder'))
    .action(async (files: string[], options) =>
      exit(await (await import('./run.ts')).run(files, merged(program, options))),
    );

  program
    .command('serve')
    .description("the engine behind ksqlDB's REST API")
    .option('--listen <host:port>', 'where to listen; port 0 takes a free one', '127.0.0.1:8088')
    .option('--queries-file <file>', 'headless: the statements of a file are the deployment')
    .option('--bootstrap-server <list>', 'a Kafka cluster instead of the embedded broker')
    .option('--schema-registry <url>', 'a schema registry instead of the one in process')
    .option('--connect <url>', 'a Kafka Connect worker for connectors that are not built in')
    .option('--state-dir <dir>', 'keep topics and state here over restarts')
    .addOption(memoryOption())
    .option('--service-id <id>', 'ksql.service.id', 'default_')
    .addOption(propertyOption())
    .option('--token <token>', 'the token that requests must carry')
    .option('--no-token', 'take requests without a token')
    .option(
      '--basic-auth <USER:PASSWORD>',
      'a user with a password instead of a token; also KSQL_BASIC_AUTH in the environment (repeatable)',
      collected,
    )
    .option('--basic-auth-file <file>', 'users with passwords, a line USER:PASSWORD for each')
    .option('--tls-cert <file>', 'speak TLS, with this certificate (PEM)')
    .option('--tls-key <file>', "the certificate's key (PEM)")
    .addOption(functionsOption())
    .addOption(filesOption('default: none'))
    .action(async (options) => exit(await (await import('./serve.ts')).serve(merged(program, options))));

  program
    .command('functions')
    .description('what functions a folder declares, and what is wrong with its files')
    .argument('<dir>')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(async (folder: string, options) =>
      exit(await (await import('./functions-command.ts')).listFunctions(folder, options)),
    );

  program
    .command('sandbox')
    .description('a Redpanda container for development')
    .argument('<action>', 'start, stop or status')
    .option('--image <image>', 'the container image')
    .option('--kafka-port <port>', 'the port Kafka is to answer on')
    .option('--registry-port <port>', 'the port the schema registry is to answer on')
    .action(async (action: string, options) => exit(await (await import('./sandbox.ts')).sandbox(action, options)));

  program
    .command('lsp')
    .description('the language server, for other editors')
    .option('--stdio', 'speak over standard input and output')
    .action(async () => exit(await (await import('./lsp.ts')).lsp()));

  program
    .allowExcessArguments(false)
    .action(async (options) => exit(await (await import('./prompt.ts')).prompt(options)));
  return program;
}

/** `--server`, `--token` and their kin may stand before or after the command's name. */
function merged<T extends object>(program: Command, options: T): T {
  return { ...program.opts(), ...options };
}

/** Runs the command line with the given arguments (without the program's own name) and gives its exit code. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  try {
    await commandLine((result) => {
      code = result;
    }).parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const isRefusal = error instanceof BrokerError || error instanceof EngineError || error instanceof StateError;
    if (!isRefusal && !(error instanceof UsageError)) throw error;
    process.stderr.write(`ksql: ${error.message}\n`);
    return isRefusal ? EXIT.failed : EXIT.usage;
  }
  return code;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader such as `head` that has seen enough closes the pipe; that is no failure of ours.
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed);
});
process.exitCode = await main(process.argv.slice(2));
