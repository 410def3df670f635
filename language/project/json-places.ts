import type { TextRange } from '../text/text-range.ts';

/** From the outermost member of a JSON document inwards: names, and within lists indexes from 0. */
export type JsonPath = readonly (string | number)[];

/** Where the members of a JSON document have their names. */
export interface JsonPlaces {
  /** The name of the innermost member on the way to a path that the document has; undefined where it has none of it. */
  nearest(path: JsonPath): TextRange | undefined;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;
const COLON = /\s*:/y;

/** Finds the names of a JSON document's members. A text that is no JSON has those before its fault. */
export function jsonPlaces(text: string): JsonPlaces {
  const places = new Map<string, TextRange>();
  const open: (string | number)[] = [];
  for (const { 0: token, index: start } of text.matchAll(TOKEN)) {
    const last = open.at(-1);
    if (token === '{') open.push('');
    else if (token === '[') open.push(0);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',' && typeof last === 'number') open[open.length - 1] = last + 1;
    else if (typeof last === 'string' && isName(text, start + token.length)) {
      open[open.length - 1] = JSON.parse(token) as string;
      places.set(JSON.stringify(open), { start, end: start + token.length });
    }
  }
  return {
    nearest(path) {
      for (let length = path.length; length > 0; length--) {
        const place = places.get(JSON.stringify(path.slice(0, length)));
        if (place !== undefined) return place;
      }
      return undefined;
    },
  };
}

function isName(text: string, end: number): boolean {
  COLON.lastIndex = end;
  return COLON.test(text);
}
