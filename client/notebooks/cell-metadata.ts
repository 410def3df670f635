import type { CellOrigin } from '../../language/notebook/script-cells.ts';

/** What a cell carries besides its text. */
export interface CellMetadata {
  readonly origin?: CellOrigin;
  readonly snapshot?: readonly string[];
}
