import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const recorded = path.resolve(root, '../shared');

/** The examples that newcomers open. */
export const EXAMPLES: readonly (readonly [name: string, text: string])[] = filesIn(
  path.join(root, 'examples'),
  /\.ksql$/,
);

/** Statements of the recorded cases and of the founding talks, where they are at hand. */
export function recordedStatements(): readonly string[] {
  const cases = filesIn(path.join(recorded, 'conformance'), /\.json$/).flatMap(([, text]) =>
    statementsOf(JSON.parse(text)),
  );
  const seeds = filesIn(path.join(recorded, 'seeds'), /\.ksql$/).map(([, text]) => text);
  return [...new Set([...cases, ...seeds])];
}

function filesIn(folder: string, wanted: RegExp): (readonly [string, string])[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => wanted.test(name))
    .sort()
    .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')] as const);
}

/** Every `statements` list, however deep, with each format put in for `{FORMAT}`. */
function statementsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'statements' && Array.isArray(inner)
      ? inner.filter((statement) => typeof statement === 'string').map((text) => text.replaceAll('{FORMAT}', 'JSON'))
      : statementsOf(inner),
  );
}
