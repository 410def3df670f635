/** What an engine tells the process that has started it, over the channel that Node keeps between the two. */
export type EngineMessage =
  /** It answers requests; Kafka's protocol at an address of its own, where that was wanted. */
  | { readonly kind: 'listening'; readonly url: string; readonly kafka?: string }
  /** It ends without having listened. The message says why, and what to do. */
  | {
      readonly kind: 'refused';
      readonly message: string;
      /**
       * `state-in-use`: another engine has its state directory, and whoever starts it may choose another. `state`: it
       * cannot use what it finds there, and may be told to begin with nothing.
       */
      readonly reason: 'state-in-use' | 'state' | 'other';
    };
