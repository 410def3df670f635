/** A case of a JSON file of tests. */
export interface JsonCase {
  readonly name: string;
  /** Where its name stands. */
  readonly start: number;
}

/** The cases of a file in the form of ksqlDB's own query-validation-tests; none where it is no such file. */
export function jsonCases(text: string): readonly JsonCase[] {
  if (!/"tests"\s*:/.test(text) || !/"statements"\s*:/.test(text)) return [];
  const names = caseNames(text);
  const cases: JsonCase[] = [];
  // Topics and sources of a case have names as well: of all the names, those of the cases come in their order.
  for (const { index, 1: literal } of text.matchAll(/"name"\s*:\s*("(?:[^"\\]|\\.)*")/g)) {
    const name = names[cases.length];
    if (name === undefined) break;
    if (parse(literal!) === name) cases.push({ name, start: index });
  }
  return cases;
}

function caseNames(text: string): readonly string[] {
  const document = parse(text) as { readonly tests?: unknown } | undefined;
  if (!Array.isArray(document?.tests)) return [];
  return document.tests.flatMap((test: { readonly name?: unknown; readonly statements?: unknown } | null) =>
    typeof test?.name === 'string' && Array.isArray(test.statements) ? [test.name] : [],
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
