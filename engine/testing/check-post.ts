import { bindType } from '../../language/binding/type-names.ts';
import { parseScript } from '../../language/index.ts';
import type { Metastore } from '../../language/metastore/metastore.ts';
import type { Column } from '../../language/types/schema.ts';
import { sameType, typeToString } from '../../language/types/sql-type.ts';
import { asList, asNumber, asText, type ExactObject, isObject } from './case-json.ts';
import type { TestCase } from './test-case.ts';
import { ExpectationError } from './verdict.ts';

/** Checks what must be registered after the case (qtt-format §1.6). @throws ExpectationError */
export function checkPost({ post }: TestCase, { metastore }: { readonly metastore: Metastore }): void {
  if (post === undefined) return;
  for (const expected of asList(post['sources']).filter(isObject)) checkSource(expected, metastore);
}

function checkSource(expected: ExactObject, metastore: Metastore): void {
  const name = asText(expected['name']) ?? '';
  const source = metastore.sources.get(name);
  if (source === undefined) throw new ExpectationError(`Source ${name} should be there after the case.`);
  const type = asText(expected['type']);
  if (type !== undefined && type.toUpperCase() !== source.kind)
    throw new ExpectationError(`Source ${name} should be a ${type}, and is a ${source.kind.toLowerCase()}.`);
  const schema = asText(expected['schema']);
  if (schema !== undefined) checkSchema(name, parseColumns(schema), source.schema.columns);
  const keyFormat = expected['keyFormat'];
  if (isObject(keyFormat)) {
    const format = asText(keyFormat['format']);
    if (format !== undefined && format !== source.keyFormat.name)
      throw new ExpectationError(
        `Source ${name}: the key format should be ${format}, and is ${source.keyFormat.name}.`,
      );
    if (asText(keyFormat['windowType']) !== source.window?.type)
      throw new ExpectationError(
        `Source ${name}: the window should be ${asText(keyFormat['windowType'])}, and is ${source.window?.type}.`,
      );
    const size = asNumber(keyFormat['windowSize']);
    if (size !== undefined && size !== source.window?.sizeMs)
      throw new ExpectationError(`Source ${name}: the window size should be ${size}, and is ${source.window?.sizeMs}.`);
  }
  const valueFormat = expected['valueFormat'];
  const format = isObject(valueFormat) ? asText(valueFormat['format']) : asText(valueFormat);
  if (format !== undefined && format !== source.valueFormat.name)
    throw new ExpectationError(
      `Source ${name}: the value format should be ${format}, and is ${source.valueFormat.name}.`,
    );
}

function checkSchema(name: string, expected: readonly Column[], actual: readonly Column[]): void {
  const print = (columns: readonly Column[]) =>
    columns.map((column) => `${column.name} ${typeToString(column.type)} ${column.namespace}`).join(', ');
  const same =
    expected.length === actual.length &&
    expected.every(
      (column, i) =>
        column.name === actual[i]!.name &&
        sameType(column.type, actual[i]!.type) &&
        column.namespace === actual[i]!.namespace,
    );
  if (!same)
    throw new ExpectationError(
      `Source ${name}: the schema should be\n  ${print(expected)}\nand is\n  ${print(actual)}`,
    );
}

/** The columns of a schema as test files write them: a column list, with KEY for both kinds of key. */
function parseColumns(text: string): readonly Column[] {
  if (text.trim() === '') return [];
  const isTable = /\bPRIMARY\s+KEY\b/i.test(text);
  const [statement] = parseScript(`CREATE ${isTable ? 'TABLE' : 'STREAM'} X (${text}) WITH (KAFKA_TOPIC='x');`, {
    dialect: 'latest',
  }).statements;
  if (statement?.node?.$type !== 'CreateSource')
    throw new ExpectationError(`The expected schema cannot be read: ${text}`);
  return statement.node.elements.map(({ name, type, constraint }): Column => {
    const base = { name, type: bindType(type, new Map()) };
    if (constraint === undefined) return { ...base, namespace: 'value' };
    switch (constraint.$type) {
      case 'KeyConstraint':
        return { ...base, namespace: 'key' };
      case 'HeadersConstraint':
        return { ...base, namespace: 'headers' };
      case 'HeaderConstraint':
        return { ...base, namespace: 'header', headerKey: constraint.key };
      default:
        return constraint satisfies never;
    }
  });
}
