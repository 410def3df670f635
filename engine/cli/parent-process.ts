import type { EngineMessage } from '../api/engine-message.ts';

/**
 * Whether the process that has started this one keeps a channel to it: then it belongs to that one, and ends with it.
 */
export const hasParentChannel = (): boolean => Boolean(process.connected);

/** Tells whoever has started this process; resolves when it is sent, and at once where nobody listens. */
export async function tellParent(message: EngineMessage): Promise<void> {
  if (!process.connected) return;
  // A parent that ends at this moment needs to be told nothing.
  await new Promise<void>((resolve) => void process.send?.(message, undefined, undefined, () => resolve()));
}
