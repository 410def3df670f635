/** What an engine tells the process that has started it, over the channel that Node keeps between the two. */
export type EngineMessage =
  /** It answers requests. */
  | { readonly kind: 'listening'; readonly url: string }
  /** It ends without having listened. The message says why, and what to do. */
  | {
      readonly kind: 'refused';
      readonly message: string;
      /** Another engine has its state directory: whoever starts it may choose another. */
      readonly isStateInUse: boolean;
    };
