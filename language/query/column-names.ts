import type * as ast from '../generated/ast.ts';
import type { Schema } from '../types/schema.ts';

/** Names that may not be given to columns or aliases. */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set([
  'ROWTIME',
  'ROWPARTITION',
  'ROWOFFSET',
  'WINDOWSTART',
  'WINDOWEND',
]);

/** The columns that every source has without declaring them. */
const PSEUDO_COLUMNS: ReadonlySet<string> = new Set(['ROWTIME', 'ROWPARTITION', 'ROWOFFSET']);

/** Whether the name belongs to ROWTIME, ROWPARTITION, ROWOFFSET, WINDOWSTART or WINDOWEND. */
export const isSystemColumn = (name: string): boolean => SYSTEM_COLUMNS.has(name);

/** Whether the name belongs to ROWTIME, ROWPARTITION or ROWOFFSET. */
export const isPseudoColumn = (name: string): boolean => PSEUDO_COLUMNS.has(name);

/** Whether the name belongs to WINDOWSTART or WINDOWEND. */
export const isWindowBound = (name: string): boolean => name === 'WINDOWSTART' || name === 'WINDOWEND';

/** The name a joined source's column has once the join is made: `ALIAS_COL`. */
export const joinedColumnName = (alias: string, column: string): string => `${alias}_${column}`;

/**
 * Gives out the names of unnamed expressions: `KSQL_COL_n` and, for struct fields, the field's name with a number once
 * it is taken. One of these serves a whole statement, so that no name comes twice.
 */
export class GeneratedNames {
  readonly #used = new Map<string, Set<number>>();
  /** Below these all numbers of a name are used. */
  readonly #searched = new Map<string, number>();

  /** @param schemas the schemas of all sources of the statement; their columns are never generated. */
  constructor(schemas: Iterable<Schema>) {
    for (const schema of schemas) {
      for (const column of schema.columns) this.#occupy(column.name);
    }
  }

  /** The next `KSQL_COL_n`. */
  nextColumn(): string {
    const number = this.#next('KSQL_COL');
    return `KSQL_COL_${number}`;
  }

  /** The name of an unaliased `struct->field`: the field's name, then `FIELD_1`, `FIELD_2` … */
  forField(field: string): string {
    const number = this.#next(field);
    return number === 0 ? field : `${field}_${number}`;
  }

  /** The name of an unaliased path: that of the field it ends with, or else one that is generated. */
  forPath({ steps }: ast.AccessPath): string {
    const last = steps.at(-1);
    return last?.$type === 'Dereference' ? this.forField(last.field) : this.nextColumn();
  }

  /** The least number that is free. Numbers are never given back, so the search goes on where it ended. */
  #next(base: string): number {
    const used = this.#numbers(base);
    let number = this.#searched.get(base) ?? 0;
    while (used.has(number)) number++;
    used.add(number);
    this.#searched.set(base, number);
    return number;
  }

  #numbers(base: string): Set<number> {
    const existing = this.#used.get(base);
    if (existing) return existing;
    const created = new Set<number>();
    this.#used.set(base, created);
    return created;
  }

  /** `NAME_12` counts as number 12 of `NAME`, and a plain name as its number 0. */
  #occupy(name: string): void {
    this.#numbers(name).add(0);
    const numbered = /^(.*)_(\d{1,9})$/s.exec(name);
    if (numbered) this.#numbers(numbered[1]!).add(Number(numbered[2]));
  }
}

/** The name of a synthetic join key: `ROWKEY`, or the first `ROWKEY_n` that no source column has. */
export function syntheticKeyName(schemas: Iterable<Schema>): string {
  const names = new Set<string>();
  for (const schema of schemas) {
    for (const column of schema.columns) names.add(column.name);
  }
  if (!names.has('ROWKEY')) return 'ROWKEY';
  let number = 1;
  while (names.has(`ROWKEY_${number}`)) number++;
  return `ROWKEY_${number}`;
}
