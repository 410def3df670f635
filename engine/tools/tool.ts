import type { Dialect } from '../../language/index.ts';
import type { KsqlClient } from '../api/client.ts';

/** What tools work on. */
export interface ToolContext {
  readonly client: KsqlClient;
  readonly dialect: Dialect;
  /** Ends what is under way. */
  readonly signal?: AbortSignal;
}

/** Names and types of what a tool takes, as JSON Schema; only what the tools here need of it. */
export interface InputSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, InputProperty>>;
  readonly required?: readonly string[];
  readonly additionalProperties: false;
}

export interface InputProperty {
  readonly type: 'string' | 'integer' | 'boolean';
  readonly description: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: string | number | boolean;
}

/**
 * Something that a language model can ask of a connection: the same tools stand behind `ksql mcp` and in the editor.
 * Its input follows its schema; whoever calls it has seen to that.
 */
export interface Tool {
  readonly name: string;
  readonly title: string;
  /** What it does and when to use it, told to the model. */
  readonly description: string;
  /** Whether it changes what there is; such a tool is there only where the user allowed it. */
  readonly changes: boolean;
  readonly inputSchema: InputSchema;
  /** @returns text for the model @throws ClientError, ToolError with words that the model can act upon */
  run(input: Readonly<Record<string, unknown>>, context: ToolContext): Promise<string>;
}

/** A request that a tool does not take, and what would do. */
export class ToolError extends Error {}

/** The schema of an input whose texts, numbers and flags have these names. */
export const inputOf = (properties: InputSchema['properties'], ...required: readonly string[]): InputSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
