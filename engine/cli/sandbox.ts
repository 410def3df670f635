import {
  DEFAULT_SANDBOX,
  SANDBOX_STEPS,
  SandboxError,
  type SandboxSettings,
  type SandboxStatus,
  type SandboxStep,
  sandboxStatus,
  startSandbox,
  stopSandbox,
} from '../broker/redpanda/redpanda.ts';
import { EXIT, type ExitCode, UsageError } from '../script/exit-codes.ts';
import { type Style, styles } from './printing/style.ts';

export interface SandboxOptions {
  readonly image?: string;
  readonly kafkaPort?: string;
  readonly registryPort?: string;
}

/** `ksql sandbox start|stop|status`: the container, step by step. */
export async function sandbox(action: string, options: SandboxOptions): Promise<ExitCode> {
  try {
    return await perform(action, options);
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    process.stderr.write(`${styles(process.stderr).red('failed')}: ${error.message}\n`);
    return EXIT.failed;
  }
}

async function perform(action: string, options: SandboxOptions): Promise<ExitCode> {
  switch (action) {
    case 'start':
      return start(options);
    case 'stop':
      process.stdout.write((await stopSandbox()) ? 'stopped\n' : 'not running\n');
      return EXIT.done;
    case 'status':
      printStatus(await sandboxStatus());
      return EXIT.done;
    default:
      throw new UsageError(`ksql sandbox takes start, stop or status, not ${action}.`);
  }
}

async function start(options: SandboxOptions): Promise<ExitCode> {
  const style = styles(process.stderr);
  const settings: SandboxSettings = {
    image: options.image ?? process.env['KSQL_SANDBOX_IMAGE'] ?? DEFAULT_SANDBOX.image,
    kafkaPort: options.kafkaPort === undefined ? undefined : portOf(options.kafkaPort),
    registryPort: options.registryPort === undefined ? undefined : portOf(options.registryPort),
  };
  const onStep = process.stderr.isTTY ? stepList(style) : printStep;
  for (const step of SANDBOX_STEPS) onStep(step);
  printStatus({ kind: 'running', ...(await startSandbox(settings, onStep)) });
  return EXIT.done;
}

/** One line of JSON a step, for programs. */
const printStep = (step: SandboxStep): void => void process.stderr.write(`${JSON.stringify(step)}\n`);

/** A line a step, which is written over when the step ends. */
function stepList(style: Style): (step: SandboxStep) => void {
  return ({ title, state, detail }) => {
    if (state === 'waiting') return;
    if (state === 'running') process.stderr.write(`… ${title}`);
    else {
      const mark = state === 'done' ? style.green('✓') : style.red('✗');
      process.stderr.write(`\r${mark} ${title}${state === 'done' && detail ? style.dim(` · ${detail}`) : ''}\n`);
    }
  };
}

function printStatus(status: SandboxStatus): void {
  process.stdout.write(process.stdout.isTTY ? `${statusText(status)}\n` : `${JSON.stringify(status, null, 2)}\n`);
}

function statusText(status: SandboxStatus): string {
  switch (status.kind) {
    case 'running':
      return `running: Kafka at ${status.bootstrapServer}, schema registry at ${status.registryUrl}`;
    case 'stopped':
      return 'not running';
    case 'unavailable':
      return status.reason;
    default:
      return status satisfies never;
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UsageError(`${text} is no port.`);
}
