import { executeStatements } from './execute-tool.ts';
import { runQuery } from './query-tool.ts';
import { checkScript, explainStatement } from './script-tools.ts';
import { describeSource, listSources } from './source-tools.ts';
import type { Tool } from './tool.ts';

/** All that a language model can ask; those with `changes` only where the user allows it. */
export const TOOLS: readonly Tool[] = [
  listSources,
  describeSource,
  checkScript,
  explainStatement,
  runQuery,
  executeStatements,
];
