/** Whether clients of Kafka reach the topics of the embedded broker. */
export type KafkaDoorState =
  | { readonly kind: 'open' /** `HOST:PORT`. */; readonly address: string }
  /** They were to, and cannot; the reason is a sentence. */
  | { readonly kind: 'shut'; readonly reason: string };

/** What an engine tells the process that has started it, over the channel that Node keeps between the two. */
export type EngineMessage =
  /** It answers requests, and clients of Kafka where that was wanted. */
  | { readonly kind: 'listening'; readonly url: string; readonly kafka?: KafkaDoorState }
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
