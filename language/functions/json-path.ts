import { EvaluationError } from '../types/evaluation-error.ts';
import type { JsonNode } from './json-text.ts';

type Step = string | number;

const cache = new Map<string, readonly Step[]>();

/**
 * The steps of a path such as `$.a[0]["b c"]`. Compiled paths are kept.
 * @throws EvaluationError for a path that is wrong
 */
function stepsOf(path: string): readonly Step[] {
  const known = cache.get(path);
  if (known !== undefined) return known;
  if (!path.startsWith('$')) throw new EvaluationError(`Invalid JSON path: '${path}' must begin with $`);
  const steps: Step[] = [];
  const pattern = /\.([\w:@]+)|\[(\d+)\]|\[([\w:@]+)\]|\["((?:[^"\\]|\\["\\])*)"\]/y;
  pattern.lastIndex = 1;
  for (let end = 1; end < path.length; end = pattern.lastIndex) {
    const match = pattern.exec(path);
    if (match === null) throw new EvaluationError(`Invalid JSON path: '${path}' at position ${end + 1}`);
    steps.push(
      match[2] !== undefined ? Number(match[2]) : (match[1] ?? match[3] ?? match[4]!.replace(/\\(["\\])/g, '$1')),
    );
  }
  if (cache.size > 500) cache.clear();
  cache.set(path, steps);
  return steps;
}

/** What a path leads to in a document; undefined where it leads nowhere. */
export function followPath(root: JsonNode, path: string): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const step of stepsOf(path)) {
    if (node?.kind === 'array' && typeof step === 'number') node = node.items[step];
    else if (node?.kind === 'object') node = node.fields.get(String(step));
    else return undefined;
  }
  return node;
}
