/** Terminal colours, or nothing at all where the stream is no terminal or NO_COLOR is set. */
export interface Style {
  readonly enabled: boolean;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  bold(text: string): string;
  dim(text: string): string;
  /** What is there no more: struck through and dim. */
  removed(text: string): string;
}

const wrap = (enabled: boolean, open: number, close: number) => (text: string) =>
  enabled ? `\u001b[${open}m${text}\u001b[${close}m` : text;

/** The styles that fit a stream. */
export function styles(stream: { readonly isTTY?: boolean }): Style {
  const enabled = stream.isTTY === true && !process.env['NO_COLOR'];
  return {
    enabled,
    red: wrap(enabled, 31, 39),
    green: wrap(enabled, 32, 39),
    yellow: wrap(enabled, 33, 39),
    blue: wrap(enabled, 34, 39),
    bold: wrap(enabled, 1, 22),
    dim: wrap(enabled, 2, 22),
    removed: (text) => (enabled ? `\u001b[2;9m${text}\u001b[22;29m` : text),
  };
}
