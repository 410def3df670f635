/** What a workbench in Chromium costs: frames drawn, processor time of its pages, memory of its extension host. */
import { readdirSync, readFileSync } from 'node:fs';
import type { CDPSession, Frame } from 'playwright-core';

/** Frames that a page draws in some seconds. */
export const framesOf = (frame: Frame, seconds: number): Promise<number> =>
  frame.evaluate(
    (ms) =>
      new Promise<number>((resolve) => {
        const start = performance.now();
        let frames = 0;
        const count = () => {
          frames++;
          if (performance.now() - start < ms) requestAnimationFrame(count);
          else resolve(frames);
        };
        requestAnimationFrame(count);
      }),
    seconds * 1000,
  );

/** CPU seconds that all of the browser's processes of a kind have taken. */
export async function cpuOf(browser: CDPSession, type: string): Promise<number> {
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  return processInfo.filter((each) => each.type === type).reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** Seconds for which the main thread of the page had something to do. */
export async function busyOf(page: CDPSession): Promise<number> {
  const { metrics } = await page.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}

interface Memory {
  readonly residentMb: number;
  readonly inUseMb: number;
}

/**
 * What the extension host takes: what of its own is resident, and what of it is in use once garbage is collected. The
 * second is asked of its debugger, which a signal opens. Linux only, because its /proc tells which process it is.
 */
async function extensionHostMemory(): Promise<Memory | undefined> {
  const id = extensionHost();
  if (id === undefined) return undefined;
  const residentMb = statusOf(id, 'RssAnon') / 1024;
  process.kill(Number(id), 'SIGUSR1');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const targets = (await (await fetch('http://127.0.0.1:9229/json')).json()) as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(targets[0]!.webSocketDebuggerUrl);
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  const ask = (method: string, params: object) =>
    new Promise<{ result?: { result?: { value?: number } } }>((resolve) => {
      socket.addEventListener('message', ({ data }) => resolve(JSON.parse(String(data))), { once: true });
      socket.send(JSON.stringify({ id: 1, method, params }));
    });
  await ask('HeapProfiler.collectGarbage', {});
  const expression = 'process.memoryUsage().heapUsed + process.memoryUsage().external';
  const { result } = await ask('Runtime.evaluate', { expression, returnByValue: true });
  socket.close();
  return { residentMb, inUseMb: (result?.result?.value ?? Number.NaN) / 1024 / 1024 };
}

/** The process of the extension host that this one has started. */
export function extensionHost(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  return readdirSync('/proc').find(
    (each) => readText(`/proc/${each}/cmdline`).includes('--type=extensionHost') && isOurs(Number(each)),
  );
}

export async function printMemory(when: string): Promise<void> {
  const memory = await extensionHostMemory();
  print(`extension host ${when}: in use`, memory?.inUseMb, 'MB');
  print(`extension host ${when}: resident`, memory?.residentMb, 'MB');
}

/** Whether a process was started by this one, or by one that was. */
function isOurs(id: number): boolean {
  return id > 1 && (id === process.pid || isOurs(statusOf(String(id), 'PPid')));
}

const statusOf = (id: string, field: string): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readText(`/proc/${id}/status`))?.[1]);

/** A process may end while it is looked at. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function print(title: string, value: number | undefined, unit: string, digits = 0): void {
  const text = value === undefined ? '–' : value.toLocaleString('en-US', { maximumFractionDigits: digits });
  console.log(`${title.padEnd(58)} ${text.padStart(8)} ${unit}`);
}
