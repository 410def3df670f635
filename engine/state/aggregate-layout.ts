import type { SqlType } from '../../language/types/sql-type.ts';

/** How the state of an aggregate is kept: as numbers side by side, or as whatever value it is. */
export type StateForm =
  | { readonly kind: 'number' }
  | { readonly kind: 'tuple'; readonly width: number }
  | { readonly kind: 'value' };

/** What the entries of a table of aggregates are made of. */
export interface AggregateLayout {
  readonly states: readonly StateForm[];
  /** Whether a group has an entry for each of its windows. */
  readonly isWindowed: boolean;
}

/** @param stateTypes the types of the states of the aggregates, in their order */
export function aggregateLayout(stateTypes: readonly SqlType[], isWindowed: boolean): AggregateLayout {
  return { states: stateTypes.map(formOf), isWindowed };
}

export function isSameLayout(a: AggregateLayout, b: AggregateLayout): boolean {
  return (
    a.isWindowed === b.isWindowed &&
    a.states.length === b.states.length &&
    a.states.every((form, i) => form.kind === b.states[i]!.kind && widthOf(form) === widthOf(b.states[i]!))
  );
}

/** How many numbers a state takes. */
export function widthOf(form: StateForm): number {
  switch (form.kind) {
    case 'number':
      return 1;
    case 'tuple':
      return form.width;
    case 'value':
      return 0;
    default:
      return form satisfies never;
  }
}

function formOf(type: SqlType): StateForm {
  if (isNumber(type)) return { kind: 'number' };
  const isTuple =
    type.kind === 'STRUCT' && type.fields.length > 0 && type.fields.every((field) => isNumber(field.type));
  return isTuple ? { kind: 'tuple', width: type.fields.length } : { kind: 'value' };
}

/** Whether values of the type are numbers, or nearly always are (see {@link StateCells}). */
function isNumber({ kind }: SqlType): boolean {
  switch (kind) {
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return true;
    case 'BOOLEAN':
    case 'STRING':
    case 'BYTES':
    case 'DECIMAL':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return false;
    default:
      return kind satisfies never;
  }
}
