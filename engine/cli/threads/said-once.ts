/** What one thread has said so shortly before, another need not say again, in milliseconds. */
const ALIKE_MS = 10_000;

/**
 * Passes on what several threads have to say, of which each carries out the same statements: what they say alike,
 * within some seconds, is said once.
 */
export function saidOnce(
  say: (text: string) => void,
  nowMs: () => number = () => performance.now(),
): (text: string) => void {
  const saidMs = new Map<string, number>();
  return (text) => {
    const now = nowMs();
    for (const [known, atMs] of saidMs) if (now - atMs >= ALIKE_MS) saidMs.delete(known);
    if (saidMs.has(text)) return;
    saidMs.set(text, now);
    say(text);
  };
}
