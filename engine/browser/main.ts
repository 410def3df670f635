import { startEngine } from './start-engine.ts';
import type { EngineEvent, StartEngine } from './worker-messages.ts';

/** The engine in a worker of a browser: whoever has made the worker sends one message, which starts it. */
declare const self: {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: EngineEvent): void;
};

self.onmessage = ({ data }) => {
  startEngine(data as StartEngine, (text) => self.postMessage({ kind: 'notice', text })).then(
    () => self.postMessage({ kind: 'ready' }),
    (error: Error) => self.postMessage({ kind: 'refused', message: error.message }),
  );
};
