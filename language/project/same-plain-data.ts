/** Whether two values of objects, arrays and primitives are the same in all that they hold. */
export function samePlainData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [ofA, ofB] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(ofA);
  return (
    keys.length === Object.keys(ofB).length && keys.every((key) => key in ofB && samePlainData(ofA[key], ofB[key]))
  );
}
