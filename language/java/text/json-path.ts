import { EvaluationError } from '../../types/evaluation-error.ts';
import type { JsonNode } from './json-text.ts';

const cache = new Map<string, readonly string[]>();

const STEP = /\.([\p{L}\p{Nd}_:@]+)|\[([\p{L}\p{Nd}_:@]+)\]|\["((?:[^"\\]|\\["\\])*)"\]/uy;

/**
 * The steps of a path such as `$.a[0]["b c"]`. Compiled paths are kept.
 * @throws EvaluationError for a path that is wrong
 */
function stepsOf(path: string): readonly string[] {
  const known = cache.get(path);
  if (known !== undefined) return known;
  if (!path.startsWith('$')) throw new EvaluationError(`Invalid JSON path: '${path}' must begin with $`);
  const steps: string[] = [];
  STEP.lastIndex = 1;
  for (let end = 1; end < path.length; end = STEP.lastIndex) {
    const match = STEP.exec(path);
    if (match === null) throw new EvaluationError(`Invalid JSON path: '${path}' at position ${end + 1}`);
    steps.push(match[1] ?? match[2] ?? match[3]!.replace(/\\(["\\])/g, '$1'));
  }
  if (cache.size > 500) cache.clear();
  cache.set(path, steps);
  return steps;
}

/** What a path leads to in a document; undefined where it leads nowhere. Any step that is a number may be an index. */
export function followPath(root: JsonNode | undefined, path: string): JsonNode | undefined {
  let node = root;
  for (const step of stepsOf(path)) {
    if (node?.kind === 'array') node = /^[+-]?\d+$/.test(step) ? node.items[Number(step)] : undefined;
    else if (node?.kind === 'object') node = node.fields.get(step);
    else return undefined;
  }
  return node;
}
