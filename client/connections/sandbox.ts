import { spawn } from 'node:child_process';
import path from 'node:path';
import * as vscode from 'vscode';
import { eachLine } from './engine-process.ts';
import type { SandboxStep } from './sandbox-step.ts';

export interface RunningSandbox {
  readonly bootstrapServers: string;
  readonly schemaRegistryUrl?: string | undefined;
}

/** Runs `sandbox <action>` of the command line, which owns the container library. @throws Error with its own message */
async function runSandbox(
  action: 'start' | 'stop' | 'status',
  distPath: string,
  log: vscode.LogOutputChannel,
  onLine: (line: string) => void = () => undefined,
): Promise<string> {
  const settings = vscode.workspace.getConfiguration('ksql.sandbox');
  const args =
    action === 'start'
      ? [
          ...['--image', settings.get('image', '')],
          ...['--kafka-port', String(settings.get('kafkaPort', 19092))],
          ...['--registry-port', String(settings.get('registryPort', 18081))],
        ]
      : [];
  const child = spawn(process.execPath, [path.join(distPath, 'cli.mjs'), 'sandbox', action, ...args], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let lastLine = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  eachLine(child.stderr, (line) => {
    log.info(line);
    lastLine = line;
    onLine(line);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    // Not when it exits: what it said last may still be under way then.
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new Error(
      lastLine.replace(/^failed: /, '') ||
        vscode.l10n.t('The container could not be asked (exit code {0}).', String(code)),
    );
  return output;
}

/**
 * Starts the container, or finds the running one, and says step by step how far it is. @throws Error that names the
 * step that failed
 */
export async function startSandbox(
  distPath: string,
  log: vscode.LogOutputChannel,
  onStep: (step: SandboxStep) => void,
): Promise<RunningSandbox> {
  const options = {
    location: vscode.ProgressLocation.Window,
    title: vscode.l10n.t('KSQL: starting the Redpanda container'),
  };
  const output = await vscode.window.withProgress(options, (progress) =>
    runSandbox('start', distPath, log, (line) => {
      const step = readStep(line);
      if (step === undefined) return;
      onStep(step);
      if (step.state === 'running') progress.report({ message: step.title });
    }),
  );
  const { bootstrapServer, registryUrl } = JSON.parse(output) as Record<string, string>;
  return {
    bootstrapServers: bootstrapServer!,
    schemaRegistryUrl: registryUrl,
  };
}

/** The steps come one a line, as JSON; anything else is for the log only. */
function readStep(line: string): SandboxStep | undefined {
  try {
    const step = JSON.parse(line) as SandboxStep;
    return typeof step.title === 'string' ? step : undefined;
  } catch {
    return undefined;
  }
}

/** Stops and removes the container. */
export const stopSandbox = (distPath: string, log: vscode.LogOutputChannel): Promise<string> =>
  runSandbox('stop', distPath, log);

/** What is known of the container, as JSON. */
export const sandboxStatus = (distPath: string, log: vscode.LogOutputChannel): Promise<string> =>
  runSandbox('status', distPath, log);
