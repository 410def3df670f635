import type { ParsedStatement } from '../../language/index.ts';
import { type NameUse, nameKey, type OutputName, type StatementNames } from '../../language/names/name.ts';
import { nameAt, statementNames } from '../../language/names/statement-names.ts';
import type { TextRange } from '../../language/text/text-range.ts';
import { type Script, statementAt } from './script-store.ts';

/** A name where it stands in a script. */
export interface PlacedName {
  readonly script: Script;
  readonly statement: ParsedStatement;
  readonly use: NameUse;
  /** In offsets of the document. */
  readonly range: TextRange;
  /** Equal for all that names the same. */
  readonly key: string;
}

/** The names in a statement of a script. */
export const namesIn = (script: Script, statement: ParsedStatement): StatementNames =>
  statementNames(statement, script.analysis, script.functions);

/** The name around an offset of a document. */
export function placedNameAt(script: Script, offset: number): PlacedName | undefined {
  const statement = statementAt(script, offset);
  if (statement === undefined) return undefined;
  const use = nameAt(namesIn(script, statement), offset - statement.offset);
  return use && new FoundName(script, statement, use);
}

/** Every name in a script. */
export function* placedNames(script: Script): Generator<PlacedName> {
  for (const statement of script.parsed.statements)
    for (const use of namesIn(script, statement).uses) yield new FoundName(script, statement, use);
}

/** A column that a query of a script gives to what it writes. */
export interface PlacedOutput {
  readonly script: Script;
  readonly statement: ParsedStatement;
  readonly output: OutputName;
  /** Of the select item, in offsets of the document. */
  readonly range: TextRange;
  readonly key: string;
}

/** The columns that the queries of a script give to what they write. */
export function* placedOutputs(script: Script): Generator<PlacedOutput> {
  for (const statement of script.parsed.statements)
    for (const output of namesIn(script, statement).outputs)
      yield { script, statement, output, range: moved(output.item, statement), key: nameKey(output.named) };
}

/** Most names are only looked at for where they stand. */
class FoundName implements PlacedName {
  readonly script: Script;
  readonly statement: ParsedStatement;
  readonly use: NameUse;
  readonly range: TextRange;
  #key: string | undefined;

  constructor(script: Script, statement: ParsedStatement, use: NameUse) {
    this.script = script;
    this.statement = statement;
    this.use = use;
    this.range = moved(use.range, statement);
  }

  get key(): string {
    this.#key ??= nameKey(this.use.named, { file: this.script.document.uri, index: this.statement.index });
    return this.#key;
  }
}

const moved = ({ start, end }: TextRange, { offset }: ParsedStatement): TextRange => ({
  start: start + offset,
  end: end + offset,
});
