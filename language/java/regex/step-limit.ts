/**
 * How many steps a pattern may take over one text before it is given up: some 30 ms, and 3 ms more for each 1,000
 * units. What is linear in the text stays far below.
 */
export const stepLimit = (text: string): number => 1_000_000 + 100 * text.length;
