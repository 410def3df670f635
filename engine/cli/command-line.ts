import { Command, Option } from 'commander';
import { WORKBENCH_VERSION } from '../api/server-version.ts';
import { type ExitCode, UsageError } from '../script/exit-codes.ts';
import type { TargetOptions } from './engines/target.ts';
import {
  atLeastOne,
  collected,
  columns,
  dialectOption,
  factor,
  filesOption,
  formatOption,
  functionsOption,
  memoryOption,
  propertyOption,
  seconds,
  share,
  time,
  wholeNumber,
  withEngineOptions,
  withServerOptions,
} from './options.ts';

/** Takes what a command ends with. */
type Exit = (code: ExitCode) => void;

function addCheck(program: Command, exit: Exit): void {
  program
    .command('check')
    .description('analyse .ksql and .sql files; no connection is made')
    .argument('[path...]', 'files, or folders with such files inside')
    .option('--together', 'the files see what the others define')
    .option('--explain <code>', 'print what there is to say about the code of a diagnostic, such as unknown-column')
    .addOption(dialectOption())
    .addOption(formatOption('sarif', 'github'))
    .addOption(propertyOption())
    .addOption(functionsOption())
    .action(async (paths: string[], options) =>
      exit(await (await import('./check.ts')).check(paths, merged(program, options))),
    );
}

function addFormat(program: Command, exit: Exit): void {
  program
    .command('format')
    .description('print .ksql and .sql files in one style; statements with syntax errors stay as they are')
    .argument('<path...>', 'files, or folders with such files inside')
    .option('--check', 'print the names of the files that would change, and fail if there are any')
    .option('--write', 'change the files, and print the names of those that changed')
    .addOption(new Option('--width <columns>', 'how wide lines may be').argParser(columns))
    .addOption(new Option('--case <case>', 'of keywords').choices(['upper', 'lower', 'keep']))
    .addOption(new Option('--commas <place>', 'of broken lists').choices(['trailing', 'leading']))
    .addOption(new Option('--joins <place>', 'of ON').choices(['same-line', 'own-line']))
    .addOption(dialectOption())
    .action(async (paths: string[], options) => exit(await (await import('./format.ts')).format(paths, options)));
}

function addTest(program: Command, exit: Exit): void {
  program
    .command('test')
    .description("run test files: the SQL test dialect, ksqlDB's own JSON cases, or one ksql-test-runner triple")
    .argument('[path...]', 'files or folders')
    .addOption(formatOption('tap', 'junit'))
    .option('--report <file>', 'write the verdicts as JSON, too')
    .option('--only <regex>', 'only cases whose full name matches')
    .option('--snapshots', 'run scripts, and compare the snapshots pinned in them with what their queries give')
    .addOption(new Option('--timeout <seconds>', 'how long one case may take').argParser(seconds).default(30))
    .option('--statements-file <file>')
    .option('--input-file <file>')
    .option('--output-file <file>')
    .addOption(functionsOption())
    .action(async (paths: string[], options) =>
      exit(await (await import('./test-command.ts')).test(paths, merged(program, options))),
    );
}

function addRun(program: Command, exit: Exit): void {
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
    .option('--replay <file>', 'first write the records of a fixture file, as `ksql capture` makes them')
    .addOption(propertyOption())
    .addOption(dialectOption())
    .addOption(functionsOption())
    .addOption(filesOption('besides those of the scripts; default: the current folder'))
    .action(async (files: string[], options) =>
      exit(await (await import('./run.ts')).run(files, merged(program, options))),
    );
}

function addCapture(program: Command, exit: Exit): void {
  withEngineOptions(withServerOptions(program.command('capture')))
    .description('write records of topics to a fixture file: JSON lines that can be replayed')
    .argument('<topic...>')
    .option('--output <file>', 'where to write; standard output if it is not given')
    .addOption(new Option('--first <count>', 'only the oldest records').argParser(wholeNumber))
    .addOption(new Option('--last <count>', 'only the newest records').argParser(wholeNumber))
    .addOption(new Option('--from <time>', 'only records of this time and later').argParser(time))
    .addOption(new Option('--to <time>', 'only records before this time').argParser(time))
    .action(async (topics: string[], options) => {
      const all = { ...program.opts(), ...options };
      requirePlace(all, 'from where');
      const { capture } = await import('./topics/capture.ts');
      const { onTarget } = await import('./engines/target.ts');
      exit(await onTarget(all, ({ client }) => capture(client, topics, all)));
    });
}

function addReplay(program: Command, exit: Exit): void {
  withEngineOptions(withServerOptions(program.command('replay')))
    .description('write the records of a fixture file into topics, in order or in a disorder that a seed gives')
    .argument('<file>')
    .addOption(
      new Option('--speed <factor>', "how many times as fast as the records' times say; default: at once").argParser(
        factor,
      ),
    )
    .option('--start-now', 'move all times, so that the first is now')
    .addOption(new Option('--seed <number>', 'what the disorder is drawn from').argParser(wholeNumber).default(1))
    .addOption(new Option('--jitter <seconds>', 'each record comes up to so much later').argParser(seconds))
    .addOption(new Option('--late <share>', 'the part of the records that comes late, from 0 to 1').argParser(share))
    .addOption(new Option('--late-by <seconds>', 'how late those come').argParser(seconds))
    .addOption(
      new Option('--duplicates <share>', 'the part of the records that comes twice, from 0 to 1').argParser(share),
    )
    .action(async (file: string, options) => {
      const all = { ...program.opts(), ...options };
      requirePlace(all, 'where to');
      const { replay } = await import('./topics/replay.ts');
      const { onTarget } = await import('./engines/target.ts');
      exit(await onTarget(all, ({ client }) => replay(client, file, all)));
    });
}

function addRecordTest(program: Command, exit: Exit): void {
  program
    .command('record-test')
    .description('write a test of what the queries of a script give for captured records')
    .argument('<file>', 'the script')
    .requiredOption('--replay <file>', 'the records, as `ksql capture` writes them')
    .option('--name <name>', 'what the test is called')
    .option('--output <file>', 'the file of tests to add it to; standard output if it is not given')
    .action(async (file: string, options) =>
      exit(await (await import('./topics/record-test-command.ts')).recordTestCommand(file, options)),
    );
}

/** An engine that nobody else reaches has no topics to take from, and forgets what is written into it. */
function requirePlace({ server, bootstrapServer, stateDir }: TargetOptions, what: string): void {
  if (server !== undefined || bootstrapServer !== undefined || stateDir !== undefined) return;
  throw new UsageError(
    `Say ${what}: --server, --bootstrap-server or --state-dir. (\`ksql run script.ksql --replay FILE\` runs a script over the records of a file.)`,
  );
}

function addServe(program: Command, exit: Exit): void {
  program
    .command('serve')
    .description("the engine behind ksqlDB's REST API")
    .option(
      '--listen <host:port>',
      'where to listen; port 0 takes a free one (default: the first of the property listeners, or 127.0.0.1:8088)',
    )
    .option('--queries-file <file>', 'headless: the statements of a file are the deployment')
    .option('--bootstrap-server <list>', 'a Kafka cluster instead of the embedded broker')
    .option('--kafka-listen <host:port>', "let clients of Kafka's protocol read and write the embedded broker")
    .addOption(
      new Option(
        '--threads <count>',
        'share the queries of the service among so many threads, on a Kafka cluster (default: num.stream.threads, 4, but no more than processors, nor than have 128MB of memory each; 1 on the embedded broker)',
      ).argParser(atLeastOne),
    )
    .option('--schema-registry <url>', 'a schema registry instead of the one in process')
    .option('--connect <url>', 'a Kafka Connect worker for connectors that are not built in')
    .option('--state-dir <dir>', 'keep topics and state here over restarts')
    .addOption(
      new Option('--state-wait <seconds>', 'wait so long for another engine to leave the state directory').argParser(
        seconds,
      ),
    )
    .option('--empty-state', 'delete what the state directory holds before it is read')
    .addOption(memoryOption())
    .option('--service-id <id>', 'ksql.service.id; default_ if neither is given')
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
    .addOption(
      new Option('--log-format <format>', 'what the server says, as text or a JSON object to a line')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addOption(functionsOption())
    .addOption(filesOption('default: none'))
    .action(async (options) => exit(await (await import('./serve.ts')).serve(merged(program, options))));
}

function addPull(program: Command, exit: Exit): void {
  withServerOptions(program.command('pull'))
    .description(
      'write what a server has (sources, types, topics, functions) to ksql.lock.json, which stands for it offline',
    )
    .argument('[folder]', 'where the lock is; default: the project of the current folder')
    .option('--check', 'write nothing; print how the server differs from the lock, and fail if it does')
    .option('--bootstrap-server <list>', 'a Kafka cluster on which our engine has run')
    .option('--schema-registry <url>', 'its schema registry')
    .option('--state-dir <dir>', 'the topics and state that an embedded engine has kept')
    .option('--service-id <id>', 'ksql.service.id of the engine; default_ if it is not given')
    .addOption(propertyOption())
    .addOption(functionsOption())
    .action(async (folder: string | undefined, options) =>
      exit(await (await import('./pull.ts')).pull(folder, merged(program, options))),
    );
}

function addFunctions(program: Command, exit: Exit): void {
  program
    .command('functions')
    .description('what functions a folder declares, and what is wrong with its files')
    .argument('<dir>')
    .addOption(formatOption())
    .action(async (folder: string, options) =>
      exit(await (await import('./functions-command.ts')).listFunctions(folder, options)),
    );
}

function addSandbox(program: Command, exit: Exit): void {
  program
    .command('sandbox')
    .description('a Redpanda container for development')
    .argument('<action>', 'start, stop or status')
    .option('--image <image>', 'the container image')
    .option('--kafka-port <port>', 'the port Kafka is to answer on')
    .option('--registry-port <port>', 'the port the schema registry is to answer on')
    .action(async (action: string, options) => exit(await (await import('./sandbox.ts')).sandbox(action, options)));
}

function addLsp(program: Command, exit: Exit): void {
  program
    .command('lsp')
    .description('the language server, for other editors')
    .option('--stdio', 'speak over standard input and output')
    .action(async () => exit(await (await import('./lsp.ts')).lsp()));
}

function addMcp(program: Command, exit: Exit): void {
  withServerOptions(program.command('mcp'))
    .description('tools for language models over standard input and output (Model Context Protocol)')
    .argument('[file...]', 'scripts that run first')
    .option('--allow-changes', 'also a tool that executes statements which change something')
    .addOption(dialectOption())
    .addOption(propertyOption())
    .addOption(functionsOption())
    .addOption(filesOption('besides those of the scripts; default: none'))
    .action(async (files: string[], options) =>
      exit(await (await import('./mcp.ts')).mcp(files, merged(program, options))),
    );
}

const COMMANDS = [
  addCheck,
  addFormat,
  addTest,
  addRun,
  addCapture,
  addReplay,
  addRecordTest,
  addServe,
  addPull,
  addFunctions,
  addSandbox,
  addLsp,
  addMcp,
];

/**
 * The command line. Every command is loaded when it is asked for, so that `ksql check` costs neither the engine nor the
 * container library.
 */
export function commandLine(exit: Exit): Command {
  const program = withServerOptions(new Command('ksql'))
    .description(
      'KSQL without a cluster: check, run and test .ksql files, or serve them behind the REST API of ksqlDB.',
    )
    .version(WORKBENCH_VERSION)
    .addOption(functionsOption())
    .addOption(filesOption('default: the current folder'))
    .exitOverride()
    .configureHelp({ showGlobalOptions: false });

  for (const add of COMMANDS) add(program, exit);

  program
    .allowExcessArguments(false)
    .action(async (options) => exit(await (await import('./prompt.ts')).prompt(options)));
  return program;
}

/** `--server`, `--token` and their kin may stand before or after the command's name. */
function merged<T extends object>(program: Command, options: T): T {
  return { ...program.opts(), ...options };
}
