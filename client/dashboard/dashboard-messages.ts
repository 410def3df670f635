/** What the dashboard and its page tell each other: plain data only. */
import type { ChartChoice, ChartData, ChartRange } from '../charts/chart-types.ts';
import type { Display } from '../results/display.ts';

export type TileState = 'idle' | 'starting' | 'running' | 'stopped' | 'failed' | 'done';

/** A pinned chart, as the page shows it. */
export interface TileSummary {
  readonly id: string;
  readonly title: string;
  readonly statement: string;
  readonly connection: string;
  readonly state: TileState;
  /** Why there is nothing to see, or no more. */
  readonly message?: string | undefined;
  readonly rows: number;
  readonly rowsPerSecond: number;
  /** Another number whenever there is something else to draw; absent while there is no result. */
  readonly version?: number | undefined;
}

export type ToDashboard =
  /** How times are shown from now on; all charts are drawn anew. */
  | { readonly kind: 'display'; readonly display: Display }
  | { readonly kind: 'tiles'; readonly tiles: readonly TileSummary[] }
  | { readonly kind: 'tile'; readonly tile: TileSummary }
  | { readonly kind: 'chart'; readonly tile: string; readonly chart?: ChartData | undefined };

export type TileAction = 'start' | 'stop' | 'rename' | 'remove';

export type FromDashboard =
  | { readonly kind: 'ready' }
  | { readonly kind: 'act'; readonly tile: string; readonly action: TileAction }
  /** The tile goes to the place of another one. */
  | { readonly kind: 'move'; readonly tile: string; readonly to: number }
  | { readonly kind: 'chart'; readonly tile: string; readonly range?: ChartRange }
  | { readonly kind: 'choose'; readonly tile: string; readonly choice: ChartChoice }
  /** The button of the empty dashboard. */
  | { readonly kind: 'example' };
