import { identifierText } from './identifier-text.ts';

/** A type as far as samples of it tell. */
type Sampled =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'plain'; readonly name: 'BOOLEAN' | 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'STRING' }
  | { readonly kind: 'array'; readonly element: Sampled }
  | { readonly kind: 'struct'; readonly fields: ReadonlyMap<string, Sampled> };

/**
 * The columns that JSON objects have together, as the list of a CREATE writes them; undefined where a document is no
 * object.
 */
export function jsonColumns(documents: readonly unknown[]): readonly string[] | undefined {
  const sampled = documents.map(sample).reduce(together, { kind: 'unknown' });
  if (sampled.kind !== 'struct' || sampled.fields.size === 0) return undefined;
  return Array.from(sampled.fields, ([name, type]) => `${nameText(name)} ${typeText(type)}`);
}

/** JSON documents in a text: one, or one a line. Undefined where it is none. */
export function readJson(text: string): readonly unknown[] | undefined {
  for (const pieces of [[text], text.split('\n').filter((line) => line.trim() !== '')]) {
    try {
      const documents = pieces.map((piece): unknown => JSON.parse(piece));
      return documents.length === 1 && Array.isArray(documents[0]) ? documents[0] : documents;
    } catch {
      // One a line is tried next.
    }
  }
  return undefined;
}

const plain = (name: Extract<Sampled, { kind: 'plain' }>['name']): Sampled => ({ kind: 'plain', name });
const NUMBERS = ['INTEGER', 'BIGINT', 'DOUBLE'];
const MOST_INTEGER = 2 ** 31;

function sample(value: unknown): Sampled {
  if (value === null || value === undefined) return { kind: 'unknown' };
  if (typeof value === 'boolean') return plain('BOOLEAN');
  if (typeof value === 'number')
    return plain(!Number.isInteger(value) ? 'DOUBLE' : Math.abs(value) < MOST_INTEGER ? 'INTEGER' : 'BIGINT');
  if (Array.isArray(value)) return { kind: 'array', element: value.map(sample).reduce(together, { kind: 'unknown' }) };
  if (typeof value !== 'object') return plain('STRING');
  return { kind: 'struct', fields: new Map(Object.entries(value).map(([name, inner]) => [name, sample(inner)])) };
}

/**
 * A type that holds both: the wider of two numbers, all fields of two structs, a STRING for what does not go together.
 */
function together(a: Sampled, b: Sampled): Sampled {
  if (a.kind === 'unknown') return b;
  if (b.kind === 'unknown') return a;
  if (a.kind === 'array' && b.kind === 'array') return { kind: 'array', element: together(a.element, b.element) };
  if (a.kind === 'struct' && b.kind === 'struct') {
    const fields = new Map(a.fields);
    for (const [name, type] of b.fields) fields.set(name, together(fields.get(name) ?? { kind: 'unknown' }, type));
    return { kind: 'struct', fields };
  }
  if (a.kind !== 'plain' || b.kind !== 'plain') return plain('STRING');
  if (a.name === b.name) return a;
  const [first, second] = [NUMBERS.indexOf(a.name), NUMBERS.indexOf(b.name)];
  return first < 0 || second < 0 ? plain('STRING') : first > second ? a : b;
}

function typeText(type: Sampled): string {
  switch (type.kind) {
    case 'unknown':
      return 'STRING';
    case 'plain':
      return type.name;
    case 'array':
      return `ARRAY<${typeText(type.element)}>`;
    case 'struct':
      // A struct needs a field; an empty object is kept as its text.
      return type.fields.size === 0
        ? 'STRING'
        : `STRUCT<${Array.from(type.fields, ([name, inner]) => `${nameText(name)} ${typeText(inner)}`).join(', ')}>`;
    default:
      return type satisfies never;
  }
}

/** JSON's fields are found whatever their case, so that only what is no name needs quotes. */
const nameText = (name: string): string =>
  identifierText(name.toUpperCase()).startsWith('`') ? `\`${name.replaceAll('`', '``')}\`` : name;
