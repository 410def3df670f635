/** The topic that an item of the explorer is about: itself, or that of its source. A text is its name. */
export function nodeTopic(node: unknown): string | undefined {
  if (typeof node === 'string') return node;
  const { kind, name, source } = (node ?? {}) as {
    readonly kind?: unknown;
    readonly name?: unknown;
    readonly source?: { readonly topic?: unknown };
  };
  const topic = kind === 'topic' ? name : source?.topic;
  return typeof topic === 'string' ? topic : undefined;
}
