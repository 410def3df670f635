/** How rows are shown, as the settings say. */
export interface Display {
  /** Of ROWTIME and the bounds of windows: as time here, as UTC, or as milliseconds since the epoch. */
  readonly timestamps: 'local' | 'utc' | 'raw';
  /** Whether there are separators between thousands. */
  readonly separators: boolean;
  /** How wide a column is made by what is in it, in pixels; a double click makes it wider. */
  readonly maxColumnWidth: number;
  /** In pixels. */
  readonly rowHeight: number;
  /** Whether the newest row is in sight until one scrolls. */
  readonly follow: boolean;
  /** How many rows the output of a cell is high at most. */
  readonly outputRows: number;
}

export const DEFAULT_DISPLAY: Display = {
  timestamps: 'local',
  separators: true,
  maxColumnWidth: 340,
  rowHeight: 22,
  follow: true,
  outputRows: 12,
};
