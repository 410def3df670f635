import type { Entity } from './protocol.ts';
import { rowCount } from './row-count.ts';

/**
 * What a person is told of the answer to a statement. Terminal and results panel draw the same view, each in its way.
 */
export interface AnswerView {
  /** One sentence or several lines of text; what the table is about, where there is one. */
  readonly message?: string;
  /** What takes the place of `message` where the statement stands beside it: without what the statement itself says. */
  readonly brief?: string;
  /** A word or two for the end of the statement's line. */
  readonly mark: string;
  readonly table?: AnswerTable;
  /** What the server warns of. */
  readonly warnings?: readonly string[];
}

export interface AnswerTable {
  readonly columns: readonly AnswerColumn[];
  /** A cell for each column; null where there is nothing. */
  readonly rows: readonly (readonly AnswerCell[])[];
}

export interface AnswerColumn {
  readonly name: string;
  /** Whether its cells are numbers, which stand at the right. */
  readonly numeric: boolean;
}

export type AnswerCell = string | number | null;

export type EntityKind = Entity['@type'];

/** How answers of some kinds are put into words: one function for each kind. */
export type ViewsOf<K extends EntityKind> = {
  readonly [T in K]: (entity: Extract<Entity, { readonly '@type': T }>) => AnswerView;
};

export const textColumn = (name: string): AnswerColumn => ({ name, numeric: false });
export const numberColumn = (name: string): AnswerColumn => ({ name, numeric: true });

/** A view that is mainly a table. */
export const tableView = (columns: AnswerTable['columns'], rows: AnswerTable['rows']): AnswerView => ({
  mark: rowCount(rows.length),
  table: { columns, rows },
});
