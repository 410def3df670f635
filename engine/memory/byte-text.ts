const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** A number of bytes for people: `1.5 GB`, of 1,024 each. */
export function byteText(bytes: number): string {
  let unit = 0;
  let value = Math.max(0, bytes);
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : Number(value.toPrecision(3))} ${UNITS[unit]}`;
}

/** The bytes that `512MB`, `2 GB` or a bare number stand for; undefined where it is no size. */
export function parseBytes(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*$/i.exec(text);
  if (match === null) return undefined;
  return Math.floor(Number(match[1]) * 1024 ** ' KMGT'.indexOf(match[2]!.toUpperCase() || ' '));
}
