import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import type { ParsedStatement } from '../../language/index.ts';
import { namesIn } from '../scripts/names.ts';
import { type Script, toLspRange } from '../scripts/script-store.ts';

/** Statements that only say what there is: their place counts for what they name and for nothing else. */
const MOVABLE: ReadonlySet<string> = new Set(['CreateSource', 'CreateAs', 'CreateType', 'InsertSelect']);

/** Puts the statements of a script after those that make what they name, each with the comments above it. */
export function organise(script: Script): CodeAction | undefined {
  const { parsed, document } = script;
  const ordered = inOrder(script);
  if (ordered.every((statement, i) => statement === parsed.statements[i])) return undefined;
  const pieces = new Map(
    parsed.statements.map((statement, i) => {
      const start = i === 0 ? 0 : endOf(script, parsed.statements[i - 1]!);
      return [statement, parsed.text.slice(start, endOf(script, statement))];
    }),
  );
  const end = endOf(script, parsed.statements.at(-1)!);
  const newText = ordered
    .map((statement, i) => (i === 0 ? pieces.get(statement)!.trimStart() : `\n\n${pieces.get(statement)!.trim()}`))
    .join('');
  const range = toLspRange(document, { start: 0, end });
  return {
    title: 'Sort the statements by what they need',
    kind: CodeActionKind.SourceOrganizeImports,
    edit: { changes: { [document.uri]: [{ range, newText }] } },
  };
}

/** Where a statement ends, with a comment that stands behind it on its line. */
function endOf({ parsed }: Script, { range }: ParsedStatement): number {
  return range.end + /^(?:[ \t]*--[^\n]*)?/.exec(parsed.text.slice(range.end))![0].length;
}

/** Statements before which none is moved that stands behind them, such as SET and DROP, part the others. */
function inOrder(script: Script): readonly ParsedStatement[] {
  const ordered: ParsedStatement[] = [];
  let part: ParsedStatement[] = [];
  for (const statement of script.parsed.statements) {
    if (statement.node !== undefined && MOVABLE.has(statement.node.$type) && statement.directives.length === 0) {
      part.push(statement);
      continue;
    }
    ordered.push(...sorted(script, part), statement);
    part = [];
  }
  return [...ordered, ...sorted(script, part)];
}

function sorted(script: Script, part: readonly ParsedStatement[]): readonly ParsedStatement[] {
  const makers = new Map<string, ParsedStatement>();
  const needs = new Map<ParsedStatement, readonly string[]>();
  for (const statement of part) {
    const { uses } = namesIn(script, statement);
    const named = uses.filter((use) => use.named.kind === 'source' || use.named.kind === 'type');
    for (const { named: what, defines } of named) {
      const key = `${what.kind} ${what.name}`;
      // A source that is made twice is changed by the second; the first is what others need.
      if (defines && !makers.has(key)) makers.set(key, statement);
    }
    const needed = named.filter(({ defines }) => !defines);
    needs.set(
      statement,
      needed.map((use) => `${use.named.kind} ${use.named.name}`),
    );
  }
  const done = new Set<ParsedStatement>();
  const open = new Set<ParsedStatement>();
  const visit = (statement: ParsedStatement) => {
    if (done.has(statement) || open.has(statement)) return;
    open.add(statement);
    for (const key of needs.get(statement) ?? []) {
      const maker = makers.get(key);
      if (maker !== undefined && maker !== statement) visit(maker);
    }
    done.add(statement);
  };
  for (const statement of part) visit(statement);
  return [...done];
}
