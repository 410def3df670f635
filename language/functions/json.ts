import { followPath } from '../java/text/json-path.ts';
import { type JsonNode, type NumberForm, parseJson, printJson, quoteJson } from '../java/text/json-text.ts';
import { encodeBase64 } from '../types/base64.ts';
import { decimalToString } from '../types/decimal.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { doubleToString } from '../types/java-double.ts';
import type { SqlType, SqlValue } from '../types/sql-type.ts';
import { dateToString, timestampToString, timeToString } from '../types/temporal-text.ts';
import { javaToString } from '../types/value-to-string.ts';
import { p, scalarIn, t, variadic } from './define.ts';
import type { ScalarFunction } from './function.ts';

/** A node as the text that users work with: strings without quotes, everything else as JSON. */
const plainText = (node: JsonNode, numbers: NumberForm): string =>
  node.kind === 'string' ? node.value : printJson(node, numbers);

const json = scalarIn('JSON');
const input = p('input', t.string);

function isJson(text: string | null): boolean {
  if (text === null || text.trim() === '') return false;
  try {
    return parseJson(text) !== undefined;
  } catch {
    return false;
  }
}

function arrayContains(text: string, type: SqlType | null): (value: SqlValue) => boolean {
  const node = readOrNothing(text);
  if (node?.kind !== 'array') return () => false;
  const { items } = node;
  return (value) => items.some((item) => equalsNode(item, value, type));
}

function readOrNothing(text: string): JsonNode | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Whether an element is a value, and is written as the type would be. */
function equalsNode(node: JsonNode, value: SqlValue, type: SqlType | null): boolean {
  if (value === null) return node.kind === 'null';
  switch (node.kind) {
    case 'boolean':
      return type?.kind === 'BOOLEAN' && node.value === value;
    case 'string':
      return type?.kind === 'STRING' && node.value === value;
    case 'number':
      if (node.isInteger) return (type?.kind === 'INTEGER' || type?.kind === 'BIGINT') && node.text === String(value);
      return type?.kind === 'DOUBLE' && Number(node.text) === value;
    case 'object':
    case 'null':
    case 'array':
      return false;
    default:
      return node satisfies never;
  }
}

function concatJson(...texts: readonly (string | null)[]): SqlValue {
  if (texts.length === 0) return null;
  const nodes: JsonNode[] = [];
  for (const text of texts) {
    const node = text === null ? undefined : parseJson(text);
    if (node === undefined) return null;
    nodes.push(node);
  }
  if (nodes.every((node) => node.kind === 'object')) {
    return printJson({ kind: 'object', fields: new Map(nodes.flatMap((node) => [...node.fields])) });
  }
  return printJson({ kind: 'array', items: nodes.flatMap((node) => (node.kind === 'array' ? node.items : [node])) });
}

/** A value as JSON, with the keys of structs and maps in order. */
function toJson(value: SqlValue, type: SqlType): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'STRING':
      return quoteJson(value as string);
    case 'DECIMAL':
      return decimalToString(value as bigint, type.scale);
    case 'DOUBLE':
      return Number.isFinite(value) ? doubleToString(value as number) : quoteJson(doubleToString(value as number));
    case 'DATE':
      return quoteJson(dateToString(value as number));
    case 'TIME':
      return quoteJson(timeToString(value as number));
    case 'TIMESTAMP':
      return quoteJson(timestampToString(value as number));
    case 'BYTES':
      return quoteJson(encodeBase64(value as Uint8Array));
    case 'ARRAY':
      return `[${(value as readonly SqlValue[]).map((item) => toJson(item, type.element)).join(',')}]`;
    case 'MAP':
      return objectJson(
        Array.from(value as ReadonlyMap<SqlValue, SqlValue>, ([key, item]) => [
          key === null ? 'null' : javaToString(key, type.key),
          toJson(item, type.value),
        ]),
      );
    case 'STRUCT':
      return objectJson(
        type.fields.map((field, i) => [field.name, toJson((value as readonly SqlValue[])[i]!, field.type)]),
      );
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
      return String(value);
    default:
      return type satisfies never;
  }
}

function objectJson(fields: readonly (readonly [string, string])[]): string {
  const sorted = fields.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${sorted.map(([name, text]) => `${quoteJson(name)}:${text}`).join(',')}}`;
}

export const JSON_FUNCTIONS: readonly ScalarFunction[] = [
  json(
    'EXTRACTJSONFIELD',
    'What a path such as $.a[0] leads to in a JSON text; strings come without quotes, everything else as JSON.',
    [
      {
        parameters: [input, p('path', t.string)],
        returns: t.string,
        implement: () => (text: string, path: string) => {
          // To Jackson a text of blanks is a document that is missing, whose text is empty.
          if (/^[ \t\r\n]*$/.test(text)) return path === '$' ? '' : null;
          const node = followPath(parseJson(text), path);
          return node === undefined ? null : plainText(node, 'plain');
        },
      },
    ],
    { call: `EXTRACTJSONFIELD('{"a":{"b":7}}', '$.a.b')`, result: "'7'" },
    {
      details:
        'A path begins with $ and goes on with .name, [0], [name] or ["any name"]. What is missing is NULL, but a JSON null is the text null. Numbers keep their digits, without an exponent.',
    },
  ),
  json(
    'IS_JSON_STRING',
    'Whether a text is JSON.',
    [{ parameters: [input], returns: t.boolean, handlesNull: true, implement: () => isJson }],
    {
      call: "IS_JSON_STRING('[1]')",
      result: 'true',
    },
    { details: 'NULL and the empty text are not.' },
  ),
  json(
    'JSON_ARRAY_CONTAINS',
    'Whether a JSON array holds a value of the same type.',
    [
      {
        parameters: [p('jsonArray', t.string), p('val', t.generic('T'))],
        returns: t.boolean,
        handlesNull: true,
        implement: (site) => (text: string | null, value: SqlValue) => {
          if (text === null) throw new EvaluationError('The JSON array is NULL');
          return arrayContains(text, site.argumentTypes[1]!)(value);
        },
      },
    ],
    { call: "JSON_ARRAY_CONTAINS('[1, 2]', 2)", result: 'true' },
    {
      details:
        'The types must agree: INTEGER and BIGINT with whole numbers, DOUBLE with those that have a fraction or an exponent, and NULL with null.',
      spelling: 'JSON_ARRAY_CONTAINS',
    },
  ),
  json(
    'JSON_ARRAY_LENGTH',
    'How many elements a JSON array has; NULL where the text is no array.',
    [
      {
        parameters: [p('jsonArray', t.string)],
        returns: t.int,
        implement: () => (text: string) => {
          const node = parseJson(text);
          return node?.kind === 'array' ? node.items.length : null;
        },
      },
    ],
    { call: "JSON_ARRAY_LENGTH('[1, 2]')", result: '2' },
    { spelling: 'JSON_ARRAY_LENGTH' },
  ),
  json(
    'JSON_CONCAT',
    'JSON objects merged into one, or arrays and other values one after the other in an array.',
    [
      {
        parameters: [variadic('jsonStrings', t.string)],
        returns: t.string,
        handlesNull: true,
        implement: () => concatJson,
      },
    ],
    { call: `JSON_CONCAT('{"a":1}', '{"b":2}')`, result: `'{"a":1,"b":2}'` },
    {
      details:
        'Of objects with the same key the last counts. NULL or an empty text gives NULL, except for NULL elements of an array, which are nulls.',
      spelling: 'JSON_CONCAT',
    },
  ),
  json(
    'JSON_ITEMS',
    'The elements of a JSON array as JSON texts.',
    [
      {
        parameters: [p('jsonItems', t.string)],
        returns: t.array(t.string),
        implement: () => (text: string) => {
          const node = parseJson(text);
          return node?.kind === 'array' ? node.items.map((item) => printJson(item, 'scientific')) : null;
        },
      },
    ],
    { call: "JSON_ITEMS('[1, 2]')", result: "ARRAY['1', '2']" },
    { details: 'Strings keep their quotes. What is no array gives NULL.', spelling: 'JSON_ITEMS' },
  ),
  json(
    'JSON_KEYS',
    'The keys of a JSON object.',
    [
      {
        parameters: [p('jsonObj', t.string)],
        returns: t.array(t.string),
        implement: () => (text: string) => {
          const node = parseJson(text);
          return node?.kind === 'object' ? [...node.fields.keys()] : null;
        },
      },
    ],
    { call: `JSON_KEYS('{"a":1}')`, result: "ARRAY['a']" },
    { details: 'In the order of the text. What is no object gives NULL.', spelling: 'JSON_KEYS' },
  ),
  json(
    'JSON_RECORDS',
    'The fields of a JSON object as a map of texts.',
    [
      {
        parameters: [p('jsonObj', t.string)],
        returns: t.map(t.string, t.string),
        implement: () => (text: string) => {
          const node = parseJson(text);
          return node?.kind === 'object'
            ? new Map(Array.from(node.fields, ([key, value]) => [key, plainText(value, 'scientific')]))
            : null;
        },
      },
    ],
    { call: `JSON_RECORDS('{"a":1}')['a']`, result: "'1'" },
    {
      details: 'Strings come without quotes, everything else as JSON. What is no object gives NULL.',
      spelling: 'JSON_RECORDS',
    },
  ),
  json(
    'TO_JSON_STRING',
    'Any value as JSON.',
    [
      {
        parameters: [p('val', t.generic('T'))],
        returns: t.string,
        handlesNull: true,
        implement: (site) => {
          const type = site.argumentTypes[0];
          return (value: SqlValue) => (type ? toJson(value, type) : 'null');
        },
      },
    ],
    { call: 'TO_JSON_STRING(ARRAY[1, 2])', result: "'[1,2]'" },
    { details: 'The keys of structs and maps are sorted. NULL is the text null.' },
  ),
];
