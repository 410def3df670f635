import { DIAGNOSTICS } from '../diagnostics/diagnostic-codes.ts';
import type { ParsedScript, ParsedStatement } from '../parser/parse-script.ts';
import type { Relation } from '../query/analyzed.ts';
import type { ScriptAnalysis } from '../script/analyze-script.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { type Surprise, surprisesOf } from './surprises.ts';
import { type NameSurroundings, unusedNames } from './unused.ts';
import type { UseCounts } from './use-counts.ts';

const UNNECESSARY: ReadonlySet<string> = new Set(['unused-source', 'unused-column']);

/** What of its surroundings the hints about a script depend on. */
export interface HintSurroundings extends NameSurroundings {
  /** What the statements of the script, as it was when it was last looked at, have used. */
  readonly uses: UseCounts;
}

/** What is right in a script, and may not be what was meant, for editors and `ksql check`: no server says it. */
export function scriptHints(
  parsed: ParsedScript,
  analysis: ScriptAnalysis,
  { uses, ...surroundings }: HintSurroundings,
): readonly Diagnostic[] {
  const unused = unusedNames(parsed, analysis, surroundings, uses);
  const missed = missedRows(parsed, analysis);
  return parsed.statements.flatMap((statement) => {
    const { index } = statement;
    // Places in a statement with variables are those of another text.
    if (analysis.substituted.has(index)) return [];
    const own = surprisesOf(statement, analysis.statements[index], analysis.expressions[index]!);
    return [...own, ...(unused.get(statement) ?? []), ...(missed.get(statement) ?? [])].map((surprise) =>
      diagnosticOf(surprise, statement),
    );
  });
}

function diagnosticOf({ code, message, range }: Surprise, { offset, index }: ParsedStatement): Diagnostic {
  return {
    code,
    severity: DIAGNOSTICS[code].severity,
    message,
    range: { start: range.start + offset, end: range.end + offset },
    statement: index,
    fixes: [],
    ...(UNNECESSARY.has(code) ? { tags: ['unnecessary'] } : {}),
  };
}

/** Push queries from the end of topics into which the script has written. */
function missedRows(
  { statements }: ParsedScript,
  analysis: ScriptAnalysis,
): ReadonlyMap<ParsedStatement, readonly Surprise[]> {
  const found = new Map<ParsedStatement, readonly Surprise[]>();
  const written = new Set<string>();
  let reset: string | undefined;
  for (const statement of statements) {
    const { node, index, text } = statement;
    if (statement.directives.some(({ name }) => name === 'test')) return found;
    const analyzed = analysis.statements[index];
    if (node?.$type === 'SetProperty' && isOffsetReset(node.name)) reset = node.value.toLowerCase();
    if (node?.$type === 'UnsetProperty' && isOffsetReset(node.name)) reset = undefined;
    if (analyzed?.kind === 'insert-values') written.add(analyzed.target.name);
    if (analyzed?.kind !== 'select' || analyzed.query.kind !== 'push' || reset === 'earliest') continue;
    const missed = sourcesOf(analyzed.query.relation).find((name) => written.has(name));
    if (missed === undefined) continue;
    const message = `This begins at the end of the topic, behind the rows that are written into ${missed} above. SET 'auto.offset.reset' = 'earliest'; makes it read them.`;
    found.set(statement, [
      { code: 'latest-misses-rows', message, range: { start: 0, end: /^\S+/.exec(text)![0].length } },
    ]);
  }
  return found;
}

const isOffsetReset = (name: string): boolean => /^(?:ksql\.streams\.)?(?:consumer\.)?auto\.offset\.reset$/.test(name);

function sourcesOf(relation: Relation): readonly string[] {
  return relation.kind === 'source'
    ? [relation.source.name]
    : [...sourcesOf(relation.left), ...sourcesOf(relation.right)];
}
