import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaSettings } from './settings.ts';

/**
 * After so long without a sign of life an engine counts as gone, unless it is set. Brokers take no less than 6 s by
 * default.
 */
const SESSION_TIMEOUT_MS = 10_000;
const RETRY_MS = 500;

/** After how long without a sign of life an engine counts as gone, in milliseconds. */
export const engineSessionMs = ({ sessionTimeoutMs = SESSION_TIMEOUT_MS }: KafkaSettings): number => sessionTimeoutMs;

/**
 * Waits while another engine is in the way, which may have died.
 *
 * @param find gives what is known of who it is, perhaps nothing but that it is there (''); undefined: nobody any more
 * @param patienceMs how long to wait, in milliseconds
 * @param onWait told of who was found first, before it is waited
 * @returns who was in the way to the end; undefined: nobody is
 */
export async function whileInTheWay(
  find: () => Promise<string | undefined>,
  patienceMs: number,
  onWait: (who: string) => void,
): Promise<string | undefined> {
  const untilMs = Date.now() + patienceMs;
  for (let known: string | undefined; ; ) {
    const found = await find();
    if (found === undefined) return undefined;
    if (known === undefined) onWait(found);
    known = found || known || '';
    if (Date.now() >= untilMs) return known;
    await sleep(RETRY_MS);
  }
}
