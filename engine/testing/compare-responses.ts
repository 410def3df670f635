import { type ExactJson, ExactNumber, type ExactObject, isObject, printExactJson } from './case-json.ts';

export interface ResponseContext {
  /** What `{STATEMENT}` stands for. */
  readonly statement: string;
  /** Whether rows must come in the expected order. */
  readonly ordered: boolean;
}

/**
 * Compares a response with an expected one, which is a subset: keys that it does not name are free (qtt-format §3).
 * @returns undefined when it fits, else the path of the first difference.
 */
export function findSubsetDifference(
  expected: ExactJson,
  actual: ExactJson,
  context: ResponseContext,
  at = '$',
): string | undefined {
  if (isObject(expected)) {
    if (!isObject(actual)) return at;
    for (const [key, wanted] of Object.entries(expected)) {
      const difference =
        key === 'query' || key === 'queryProto'
          ? findRowsDifference(wanted, actual[key] ?? null, context, `${at}.${key}`)
          : findFieldDifference(key, wanted, actual, context, at);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return at;
    for (const [i, item] of expected.entries()) {
      const difference = findSubsetDifference(item, actual[i]!, context, `${at}[${i}]`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (expected instanceof ExactNumber)
    return actual instanceof ExactNumber &&
      (actual.text === expected.text || Number(actual.text) === Number(expected.text))
      ? undefined
      : at;
  return (typeof expected === 'string' ? expected.replaceAll('{STATEMENT}', context.statement) : expected) === actual
    ? undefined
    : at;
}

function findFieldDifference(
  key: string,
  wanted: ExactJson,
  actual: ExactObject,
  context: ResponseContext,
  at: string,
): string | undefined {
  const prefix = /^(.*)\|starts_with$/i.exec(key);
  if (prefix !== null) {
    const found = actual[prefix[1]!];
    return typeof found === 'string' && found.startsWith(String(wanted).replaceAll('{STATEMENT}', context.statement))
      ? undefined
      : `${at}.${prefix[1]}`;
  }
  return Object.hasOwn(actual, key)
    ? findSubsetDifference(wanted, actual[key]!, context, `${at}.${key}`)
    : `${at}.${key}`;
}

/** Rows of a query: one for one, in the expected order or, where that is free, in any. */
function findRowsDifference(
  expected: ExactJson,
  actual: ExactJson,
  context: ResponseContext,
  at: string,
): string | undefined {
  if (!Array.isArray(expected) || !Array.isArray(actual)) return at;
  if (expected.length !== actual.length) return `${at}.length`;
  if (context.ordered) return findSubsetDifference(expected, actual, context, at);
  const isRow = (element: ExactJson) => isObject(element) && 'row' in element;
  const left = actual.filter(isRow).map((row) => printRow(row));
  for (const [i, wanted] of expected.entries()) {
    if (!isRow(wanted)) {
      const difference = findSubsetDifference(wanted, actual[i]!, context, `${at}[${i}]`);
      if (difference !== undefined) return difference;
      continue;
    }
    const text = printRow(wanted);
    const found = left.indexOf(text);
    if (found < 0) return `${at}[${i}]`;
    left.splice(found, 1);
  }
  return undefined;
}

const printRow = (element: ExactJson): string => {
  const { row } = element as { row: ExactJson };
  if (!isObject(row)) return printExactJson(row);
  return printExactJson([row['columns'] ?? null, row['tombstone'] ?? false]);
};
