import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker } from '../broker/broker.ts';

/** How long a broker may be silent while an engine ends, in milliseconds. */
const PATIENCE_MS = 3000;
const LOOK_MS = 500;

/**
 * Waits until something has ended that tells the broker so. One that does not answer meanwhile is given up: what was to
 * be committed is not, which its owner says.
 */
export async function untilEnded(
  ending: Promise<unknown>,
  broker: Broker,
  onNotice: (notice: string) => void,
): Promise<void> {
  let isOver = false;
  const ended = ending.finally(() => {
    isOver = true;
  });
  ended.catch(() => undefined);
  for (let answeredMs = performance.now(); !isOver && broker.answers !== undefined; ) {
    await Promise.race([ended, sleep(LOOK_MS)]);
    if (isOver) break;
    if (await broker.answers(LOOK_MS)) answeredMs = performance.now();
    if (performance.now() - answeredMs < PATIENCE_MS) continue;
    onNotice(`${broker.description} does not answer, and is not waited for any more.`);
    broker.giveUp?.();
    break;
  }
  await ended;
}
