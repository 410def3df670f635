import type { DeclaredOverload, FunctionDeclaration } from '../../language/functions/declared.ts';

const KINDS = ['scalar', 'aggregate', 'table'] as const;
const MOST_FUNCTIONS = 1_000;
const LONGEST_TEXT = 10_000;

type Json = Readonly<Record<string, unknown>>;

/**
 * What a file says that it declares, read as what it is: the words of code that nobody vouches for. Only what a
 * declaration consists of is taken over.
 *
 * @throws Error when it is not of the shape that the guest's prelude gives
 */
export function readDeclarations(json: string, file: string): FunctionDeclaration[] {
  return list(JSON.parse(json)).map((declared) => {
    const { kind, name, summary, details, overloads } = object(declared);
    const known = KINDS.find((each) => each === kind);
    if (known === undefined || !/^[A-Z_][A-Z0-9_]*$/.test(text(name))) throw malformed();
    return {
      kind: known,
      name: text(name),
      file,
      summary: text(summary),
      details: details === undefined ? undefined : text(details),
      overloads: list(overloads).map((overload) => readOverload(object(overload))),
    };
  });
}

function readOverload({ parameters, returns, state, undoable, nullable }: Json): DeclaredOverload {
  return {
    parameters: list(parameters).map((each) => {
      const { name, type, variadic } = object(each);
      return { name: text(name), type: text(type), ...(variadic === true ? { variadic } : {}) };
    }),
    returns: text(returns),
    state: state === undefined ? undefined : text(state),
    ...(typeof undoable === 'boolean' ? { undoable } : {}),
    ...(nullable === true ? { nullable } : {}),
  };
}

const malformed = () => new Error('its declarations are not what a file can declare.');

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length > MOST_FUNCTIONS) throw malformed();
  return value;
}

function object(value: unknown): Json {
  if (value === null || typeof value !== 'object') throw malformed();
  return value as Json;
}

function text(value: unknown): string {
  if (typeof value !== 'string' || value.length > LONGEST_TEXT) throw malformed();
  return value;
}
