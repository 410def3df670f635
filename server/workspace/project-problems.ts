import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { DIAGNOSTICS, type DiagnosticCode } from '../../language/diagnostics/diagnostic-codes.ts';
import type { MetastoreSnapshot } from '../../language/metastore/metastore-snapshot.ts';
import { jsonPlaces } from '../../language/project/json-places.ts';
import { lockDifferences } from '../../language/project/lock-differences.ts';
import { type ConfigProblem, PROJECT_CONFIG, type RuleSeverity } from '../../language/project/project-config.ts';
import { SCHEMA_LOCK } from '../../language/project/schema-lock.ts';
import type { ProjectLock } from '../../language/project/workspace.ts';
import { SEVERITIES } from '../features/diagnostics.ts';
import type { ScriptStore } from '../scripts/script-store.ts';

/**
 * What is to be said of each `ksql.json` and `ksql.lock.json`, by their URIs.
 *
 * @param pageOf where there is more to read about a code; absent for clients that show no links
 */
export function projectProblems(
  { workspace, surroundings }: ScriptStore,
  pageOf?: (code: string) => string,
): ReadonlyMap<string, Diagnostic[]> {
  const found = new Map<string, Diagnostic[]>();
  for (const { root, text, problems } of workspace.configProblems())
    found.set(root + PROJECT_CONFIG, wrongAt(text, problems));
  for (const [home, lock] of workspace.locks)
    found.set(home + SCHEMA_LOCK, [
      ...wrongAt(lock.text, lock.problems),
      ...outdated(lock, surroundings.told, workspace.configOf(home).rules?.[LOCK_DIFFERS], pageOf?.(LOCK_DIFFERS)),
    ]);
  return found;
}

function wrongAt(text: string, problems: readonly ConfigProblem[]): Diagnostic[] {
  const document = TextDocument.create('', 'json', 0, text);
  return problems.map(({ message, offset = 0 }) => {
    const start = document.positionAt(offset);
    const end = { line: start.line + 1, character: 0 };
    return { range: { start, end }, severity: DiagnosticSeverity.Error, source: 'ksql', message };
  });
}

/** How the connected server differs from the lock, where it is the one that the lock was read from. */
function outdated(
  { text, lock }: ProjectLock,
  connected: MetastoreSnapshot | undefined,
  rule: RuleSeverity = DIAGNOSTICS[LOCK_DIFFERS].severity,
  page?: string,
): Diagnostic[] {
  if (rule === 'off') return [];
  if (lock === undefined || connected === undefined || lock.cluster !== connected.cluster) return [];
  const document = TextDocument.create('', 'json', 0, text);
  const places = jsonPlaces(text);
  return lockDifferences(lock, connected).map(({ path, message }) => {
    const { start, end } = places.nearest(path) ?? { start: 0, end: 1 };
    const range = { start: document.positionAt(start), end: document.positionAt(end) };
    const link = page === undefined ? {} : { codeDescription: { href: page } };
    return { range, severity: SEVERITIES[rule], source: 'ksql', code: LOCK_DIFFERS, ...link, message };
  });
}

const LOCK_DIFFERS = 'lock-differs' satisfies DiagnosticCode;
