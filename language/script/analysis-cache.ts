import type { Statement } from '../generated/ast.ts';
import type { Metastore } from '../metastore/metastore.ts';
import { type RememberedReads, readsAreUnchanged, withRecordedReads } from '../metastore/metastore-reads.ts';
import type { ParsedStatement } from '../parser/parse-script.ts';
import type { AnalysisSettings, ExpressionTable } from '../query/statement-context.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { TextRange } from '../text/text-range.ts';
import { meaningOf, type StatementMeaning } from './analyze-statement.ts';

/** A meaning that was found before, and all that it depends on besides the text of the statement. */
interface RememberedMeaning {
  readonly meaning: StatementMeaning;
  readonly expressions: ExpressionTable;
  readonly reads: RememberedReads;
  readonly settings: AnalysisSettings;
  readonly offset: number;
  readonly index: number;
}

/** By the syntax tree, which the parser keeps for a text it knows. */
const remembered = new WeakMap<Statement, RememberedMeaning>();

/**
 * What a statement means. It is not analysed again while its text, the settings, and what it has looked up in the
 * metastore are the same; so a change to a script costs the statements that depend on it.
 */
export function rememberedMeaning(
  statement: ParsedStatement,
  metastore: Metastore,
  settings: AnalysisSettings,
): StatementMeaning & { readonly expressions: ExpressionTable } {
  const { node } = statement;
  const known = node && remembered.get(node);
  if (known && sameSettings(known.settings, settings) && readsAreUnchanged(known.reads, metastore)) {
    return { ...moved(known, statement), expressions: known.expressions };
  }
  const expressions: ExpressionTable = new Map();
  const recorded = withRecordedReads(metastore);
  const meaning = meaningOf(statement, recorded.metastore, settings, expressions);
  // What is remembered keeps what was found, not where it was looked for.
  const { repeatable, ...reads } = recorded.reads;
  if (node && repeatable) {
    const { offset, index } = statement;
    remembered.set(node, { meaning, expressions, reads, settings, offset, index });
  }
  return { ...meaning, expressions };
}

function sameSettings(a: AnalysisSettings, b: AnalysisSettings): boolean {
  if (a.dialect !== b.dialect || a.offline !== b.offline || a.queriesUnknown !== b.queriesUnknown) return false;
  if (a.properties === b.properties) return true;
  if (a.properties.size !== b.properties.size) return false;
  for (const [name, value] of a.properties) if (b.properties.get(name) !== value) return false;
  return true;
}

/** The meaning for a statement that stands elsewhere now. */
function moved({ meaning, offset, index }: RememberedMeaning, statement: ParsedStatement): StatementMeaning {
  if (statement.offset === offset && statement.index === index) return meaning;
  const by = statement.offset - offset;
  const move = ({ start, end }: TextRange): TextRange => ({ start: start + by, end: end + by });
  const diagnostics = meaning.diagnostics.map(
    (diagnostic): Diagnostic => ({
      ...diagnostic,
      statement: statement.index,
      range: move(diagnostic.range),
      fixes: diagnostic.fixes.map((fix) => ({
        ...fix,
        edits: fix.edits.map((edit) => ({ ...edit, range: move(edit.range) })),
      })),
    }),
  );
  return { ...meaning, diagnostics };
}
