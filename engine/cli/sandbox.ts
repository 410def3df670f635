import {
  DEFAULT_SANDBOX,
  SandboxError,
  type SandboxSettings,
  type SandboxStep,
  sandboxStatus,
  startSandbox,
  stopSandbox,
} from '../broker/redpanda.ts';
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts';
import { styles } from './style.ts';

export interface SandboxOptions {
  readonly image?: string;
  readonly kafkaPort?: string;
  readonly registryPort?: string;
}

/** `ksql sandbox start|stop|status`: the container, step by step. */
export async function sandbox(action: string, options: SandboxOptions): Promise<ExitCode> {
  switch (action) {
    case 'start':
      return start(options);
    case 'stop':
      process.stdout.write((await stopSandbox()) ? 'stopped\n' : 'not running\n');
      return EXIT.done;
    case 'status':
      process.stdout.write(`${JSON.stringify(await sandboxStatus(), null, 2)}\n`);
      return EXIT.done;
    default:
      throw new UsageError(`ksql sandbox takes start, stop or status, not ${action}.`);
  }
}

async function start(options: SandboxOptions): Promise<ExitCode> {
  const style = styles(process.stderr);
  const settings: SandboxSettings = {
    image: options.image ?? process.env['KSQL_SANDBOX_IMAGE'] ?? DEFAULT_SANDBOX.image,
    ...(options.kafkaPort === undefined ? {} : { kafkaPort: portOf(options.kafkaPort) }),
    ...(options.registryPort === undefined ? {} : { registryPort: portOf(options.registryPort) }),
  };
  const onStep = (step: SandboxStep) => process.stderr.write(`${JSON.stringify(step)}\n`);
  try {
    const running = await startSandbox(settings, onStep);
    process.stdout.write(`${JSON.stringify(running, null, 2)}\n`);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    process.stderr.write(`${style.red('failed')}: ${error.message}\n`);
    return EXIT.failed;
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UsageError(`${text} is no port.`);
}
