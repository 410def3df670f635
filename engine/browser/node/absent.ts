/** A function that a browser has nothing for. An engine without a state directory never calls it. */
export const absent = (what: string) => (): never => {
  throw new Error(`There is no ${what} in a browser.`);
};
