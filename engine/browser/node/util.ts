/** `node:util` in a browser, as far as the library that compares Avro's schemas uses it. */

export const inherits = (child: { prototype: object }, parent: { prototype: object }): void => {
  Object.setPrototypeOf(child.prototype, parent.prototype);
};

export const format = (text: string, ...values: readonly unknown[]): string => {
  let next = 0;
  return text.replace(/%[sdj]/g, (mark) => {
    if (next === values.length) return mark;
    const value = values[next++];
    return mark === '%j' ? JSON.stringify(value) : String(value);
  });
};

export const debuglog = () => (): void => undefined;
export const deprecate = <T>(deprecated: T): T => deprecated;
