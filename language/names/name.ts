import type { TextRange } from '../text/text-range.ts';

/** What a name in a statement stands for. */
export type Named =
  | { readonly kind: 'source'; readonly name: string }
  | { readonly kind: 'column'; readonly source: string; readonly name: string }
  /** ROWTIME and its kin, bounds of a window, the key that a join makes: columns that nobody declares. */
  | { readonly kind: 'pseudo-column'; readonly name: string }
  /** A column of an answer that nothing keeps. */
  | { readonly kind: 'result'; readonly name: string }
  /** Of a struct: the names on the way from the column, or from the custom type, that it is in. */
  | { readonly kind: 'field'; readonly name: string; readonly within?: FieldOwner; readonly path: readonly string[] }
  /** Another name of a source, within one statement. */
  | { readonly kind: 'alias'; readonly name: string; readonly source: string }
  /** Of a lambda, which begins at `lambda`. */
  | { readonly kind: 'parameter'; readonly name: string; readonly lambda: number }
  | { readonly kind: 'type' | 'function' | 'variable' | 'connector' | 'topic' | 'query'; readonly name: string }
  /** Of a WITH clause, in upper case. */
  | { readonly kind: 'property'; readonly name: string }
  /** Of SET, UNSET and ALTER SYSTEM. */
  | { readonly kind: 'setting'; readonly name: string };

export type NamedColumn = Extract<Named, { kind: 'column' }>;
type FieldOwner = NamedColumn | { readonly kind: 'type'; readonly name: string };

/** A place where a name is written. */
export interface NameUse {
  readonly named: Named;
  /** In the statement, from its beginning; of a text, without its quotes. */
  readonly range: TextRange;
  /** Whether what is named comes to be here. */
  readonly defines: boolean;
  /** How it is written: as a name, in a text, as the name of a variable, or not at all: as the value of one. */
  readonly form: 'name' | 'text' | 'variable' | 'value';
}

/** A column that a query gives to what it writes. */
export interface OutputName {
  /** Of the sink, or of the target of an INSERT. */
  readonly named: NamedColumn;
  /** Whether the query makes the sink; an INSERT has to give what its target wants. */
  readonly defines: boolean;
  /** The select item that it comes from, in the statement. */
  readonly item: TextRange;
  /** What its name comes from: AS, the column that is selected, `*`, or nothing that is written. */
  readonly by: 'alias' | 'column' | 'star' | 'rule';
  /** The column that it is, unchanged. */
  readonly from?: NamedColumn | undefined;
  /** Under which name the source of `from` goes in the statement. */
  readonly alias?: string | undefined;
}

/** The names in a statement. */
export interface StatementNames {
  /** In the order of the text. */
  readonly uses: readonly NameUse[];
  readonly outputs: readonly OutputName[];
}

/** Where a name stands, as far as it matters to what it is the name of. */
export interface NameScope {
  readonly file: string;
  /** Of the statement in its file. */
  readonly index: number;
}

/** Of what is the same in all files. */
const ANYWHERE: NameScope = { file: '', index: 0 };

/**
 * Equal for what is the same wherever it is named; what only a statement, or a file, knows by the name is told apart by
 * its scope.
 */
export function nameKey(named: Named, { file, index }: NameScope = ANYWHERE): string {
  const statement = [file, index] as const;
  switch (named.kind) {
    case 'variable':
      return `variable ${JSON.stringify([file, named.name])}`;
    case 'column':
      return `column ${JSON.stringify([named.source, named.name])}`;
    case 'field':
      return `field ${JSON.stringify([named.within ?? statement, named.path, named.name])}`;
    case 'alias':
    case 'result':
      return `${named.kind} ${JSON.stringify([...statement, named.name])}`;
    case 'parameter':
      return `parameter ${JSON.stringify([...statement, named.lambda, named.name])}`;
    case 'source':
    case 'pseudo-column':
    case 'type':
    case 'function':
    case 'connector':
    case 'topic':
    case 'query':
    case 'property':
    case 'setting':
      return `${named.kind} ${named.name}`;
    default:
      return named satisfies never;
  }
}
