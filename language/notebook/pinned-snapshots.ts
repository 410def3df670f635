import { readCells } from './script-cells.ts';
import { SNAPSHOT_PREFIX } from './snapshot.ts';

/** A snapshot in the text of a script. */
export interface PinnedSnapshot {
  /** What a test of it is called. */
  readonly name: string;
  readonly lines: readonly string[];
  /** The cell that it ends: the last query in it is what the snapshot is of. */
  readonly cell: { readonly start: number; readonly end: number };
}

/** The snapshots that are pinned in a script without a byte order mark. */
export function pinnedSnapshots(script: string): readonly PinnedSnapshot[] {
  if (!script.includes(`\n${SNAPSHOT_PREFIX}`)) return [];
  let end = 0;
  return readCells(script).cells.flatMap(({ origin, snapshot }) => {
    const start = end + origin!.gap.length;
    end = start + origin!.raw.length;
    if (snapshot === undefined) return [];
    const name = `snapshot of the cell in line ${script.slice(0, start).split('\n').length}`;
    return [{ name, lines: snapshot, cell: { start, end } }];
  });
}
