import { type SerdeContext, SerdeError } from './serde.ts';

/** The error for a payload that cannot be read, in ksqlDB's words, with the reason as its cause. */
export function decodingError(context: SerdeContext, reason: unknown): SerdeError {
  const target = context.isKey ? 'key' : 'value';
  const message = reason instanceof Error ? reason.message : String(reason);
  return new SerdeError(`Failed to deserialize ${target} from topic: ${context.topic}. ${message}`, { cause: reason });
}

/** The error for a row that cannot be written. */
export function encodingError(context: SerdeContext, reason: unknown): SerdeError {
  const target = context.isKey ? 'key' : 'value';
  const message = reason instanceof Error ? reason.message : String(reason);
  return new SerdeError(`Error serializing ${target} for topic: ${context.topic}. ${message}`, { cause: reason });
}
