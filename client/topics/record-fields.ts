import * as l10n from '@vscode/l10n';
import type { ProducedRecord, TopicRecordForm } from '../../engine/api/topics/topics-protocol.ts';
import type { FilledRecord, FormProblem, RecordField } from './topic-messages.ts';
import { timeOf } from './written-answers.ts';

type Json = NonNullable<ProducedRecord['value']>;
export type Schema = Readonly<Record<string, unknown>>;

/** The schemas of a record's key and of its value, which is undefined where it has no columns. */
export function partSchemas(schema: Schema): Readonly<Record<RecordField['part'], Schema | undefined>> {
  const { key, value } = (schema['properties'] ?? {}) as { readonly key?: Schema; readonly value?: Schema };
  const [object] = (value?.['anyOf'] ?? []) as readonly Schema[];
  return { key, value: object };
}

/** Those of the columns of a key or a value. */
export const columnSchemas = (schema: Schema | undefined): Readonly<Record<string, Schema>> =>
  (schema?.['properties'] ?? {}) as Readonly<Record<string, Schema>>;

/** Whether nothing but the declared columns is taken. */
const isClosed = (schema: Schema | undefined): boolean => schema?.['additionalProperties'] === false;

/** The fields in which a record of a topic is filled in: those of the key, then those of the value. */
export function recordFields({ schema, example }: Pick<TopicRecordForm, 'schema' | 'example'>): readonly RecordField[] {
  const { key, value } = partSchemas(schema);
  return [
    // A key of several columns is an object that takes no others, which a STRUCT does not say.
    ...(key !== undefined && isClosed(key)
      ? columnFields('key', key, example['key'])
      : [wholeField('key', String(key?.['title'] ?? l10n.t('Key')), key, example['key'])]),
    ...(value === undefined
      ? [{ part: 'value', name: l10n.t('Value'), type: l10n.t('text'), input: 'raw', hint: '' } as const]
      : columnFields('value', value, example['value'])),
  ];
}

function columnFields(part: RecordField['part'], schema: Schema, example: unknown): readonly RecordField[] {
  const examples = (example ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(columnSchemas(schema)).map(([name, each]) => ({
    ...wholeField(part, name, each, examples[name]),
    column: isClosed(schema) ? quotedName(name) : name,
  }));
}

/** A declared column as a record names it: in upper case unless it is quoted. */
const quotedName = (name: string): string => (name === name.toUpperCase() ? name : `\`${name.replaceAll('`', '``')}\``);

function wholeField(
  part: RecordField['part'],
  name: string,
  schema: Schema | undefined,
  example: unknown,
): RecordField {
  const types = schema?.['type'] as readonly string[] | undefined;
  const input = inputOf(types ?? [typeof example]);
  const hint = input === 'json' ? JSON.stringify(example) : typeof example === 'string' ? example : '';
  return { part, name, type: types === undefined ? '' : String(schema?.['description'] ?? ''), input, hint };
}

function inputOf(types: readonly string[]): RecordField['input'] {
  if (types.includes('boolean')) return 'checkbox';
  // DECIMAL may be a text, which keeps all of its digits.
  if (types.includes('number') && types.includes('string')) return 'decimal';
  if (types.includes('number') || types.includes('integer')) return 'number';
  return types.includes('array') || types.includes('object') ? 'json' : 'text';
}

/**
 * The record that a form says. An empty field is NULL; an empty key is none.
 * @returns the record, which counts only where there are no problems
 */
export function filledRecord(
  fields: readonly RecordField[],
  { texts, timestamp, partition, headers, isTombstone }: FilledRecord,
): { readonly record: ProducedRecord; readonly problems: readonly FormProblem[] } {
  const problems: FormProblem[] = [];
  const filled = fields.map((field, i) => {
    if (field.part === 'value' && isTombstone) return undefined;
    try {
      return jsonOf(field, texts[i] ?? '');
    } catch (error) {
      problems.push({ at: i, message: (error as Error).message });
      return undefined;
    }
  });
  const part = (name: RecordField['part']) => partOf(fields, filled, name);
  const timeMs = timestamp.trim() === '' ? undefined : timeOf(timestamp);
  if (timestamp.trim() !== '' && timeMs === undefined)
    problems.push({ at: 'timestamp', message: l10n.t('A time is such as 2026-11-30T12:00:00Z, or milliseconds.') });
  if (!/^\s*\d*\s*$/.test(partition))
    problems.push({ at: 'partition', message: l10n.t('A partition is a whole number.') });
  const named = headers.filter(({ name, value }) => name !== '' || value !== '');
  if (named.some(({ name }) => name === '')) problems.push({ at: 'headers', message: l10n.t('A header has a name.') });
  const key = part('key');
  const record = {
    ...(key !== undefined && { key }),
    value: isTombstone ? null : (part('value') ?? {}),
    ...(named.length > 0 && { headers: named }),
    ...(timeMs !== undefined && { timestamp: timeMs }),
    ...(partition.trim() !== '' && { partition: Number(partition) }),
  };
  return { record, problems };
}

/** A key or a value: the field that it is as a whole, or an object of the columns that are filled in. */
function partOf(fields: readonly RecordField[], filled: readonly (Json | undefined)[], part: RecordField['part']) {
  const columns: Record<string, Json> = {};
  for (const [i, field] of fields.entries()) {
    const value = filled[i];
    if (field.part !== part || value === undefined) continue;
    if (field.column === undefined) return value;
    columns[field.column] = value;
  }
  return Object.keys(columns).length === 0 ? undefined : columns;
}

/** @throws Error for people where the text is none of the field's kind */
function jsonOf({ input, name }: RecordField, text: string): Json | undefined {
  if (input === 'raw') return text;
  if (input === 'checkbox') return text === 'true';
  if (text === '') return undefined;
  switch (input) {
    case 'text':
      return text;
    case 'decimal':
    case 'number':
      if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text))
        throw new Error(l10n.t('{0} is a number, which “{1}” is not.', name, text));
      return input === 'decimal' ? text.trim() : numberOf(text.trim());
    case 'json':
      try {
        return JSON.parse(text) as Json;
      } catch (error) {
        throw new Error(l10n.t('{0} is written as JSON: {1}', name, (error as Error).message), { cause: error });
      }
    default:
      return input satisfies never;
  }
}

/** All digits of a whole number count. */
const numberOf = (text: string): number | bigint =>
  /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text)) ? BigInt(text) : Number(text);

/** What the engine says against a record, at the field that its message begins with. */
export function problemOfEngine(fields: readonly RecordField[], message: string): FormProblem {
  const at = fields.findIndex(({ name }) => message.startsWith(`${name}: `));
  return at < 0 ? { message } : { at, message };
}
