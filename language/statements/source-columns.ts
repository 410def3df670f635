import { bindType } from '../binding/type-names.ts';
import type * as ast from '../generated/ast.ts';
import type { SourceKind } from '../metastore/metastore.ts';
import type { StatementContext } from '../query/statement-context.ts';
import { AnalysisError } from '../text/analysis-error.ts';
import type { Column } from '../types/schema.ts';
import { array, BYTES, backQuoted, STRING, sameType, struct, typeToString } from '../types/sql-type.ts';

/** Names that every source has by itself. */
export const SYSTEM_COLUMNS: ReadonlySet<string> = new Set([
  'ROWTIME',
  'ROWPARTITION',
  'ROWOFFSET',
  'WINDOWSTART',
  'WINDOWEND',
]);

const HEADERS_TYPE = array(
  struct([
    { name: 'KEY', type: STRING },
    { name: 'VALUE', type: BYTES },
  ]),
);

/** The columns that CREATE STREAM or TABLE declares, checked one by one and together. */
export function declaredColumns(
  elements: readonly ast.TableElement[],
  kind: SourceKind,
  context: StatementContext,
): readonly Column[] {
  const columns = writtenColumns(elements, context);
  rejectSystemColumns(elements);
  rejectHeaderClashes(columns, elements);
  if (
    columns.some(({ namespace }) => namespace !== 'key' && namespace !== 'value') &&
    !context.isEnabled('ksql.headers.columns.enabled')
  ) {
    throw new AnalysisError(
      'headers-disabled',
      `Cannot create ${kind} because schema with headers columns is disabled.`,
    );
  }
  return columns;
}

/**
 * The columns as they are written, with types that exist and names of their own; whether they can stand together is
 * another matter.
 */
export function writtenColumns(elements: readonly ast.TableElement[], context: StatementContext): readonly Column[] {
  const columns = elements.map((element) => writtenColumn(element, context));
  rejectDuplicates(columns, elements);
  return columns;
}

function writtenColumn(element: ast.TableElement, context: StatementContext): Column {
  const { name, constraint } = element;
  if (name === '') throw new AnalysisError('empty-name', 'name is empty', { node: element });
  const type = bindType(element.type, context.metastore.types);
  if (constraint === undefined) return { name, type, namespace: 'value' };
  switch (constraint.$type) {
    case 'KeyConstraint':
      return { name, type, namespace: 'key' };
    case 'HeadersConstraint':
      if (!sameType(type, HEADERS_TYPE)) {
        const message = `Invalid type for HEADERS column: expected ${typeToString(HEADERS_TYPE)}, got ${typeToString(type)}`;
        throw new AnalysisError('header-type', message, { node: element.type });
      }
      return { name, type, namespace: 'headers' };
    case 'HeaderConstraint':
      if (constraint.key.trim() === '') {
        throw new AnalysisError('header-key', 'Header column must have a non-empty header key name defined', {
          node: constraint,
        });
      }
      if (type.kind !== 'BYTES') {
        const message = `Invalid type for HEADER('${constraint.key}') column: expected BYTES, got ${typeToString(type)}`;
        throw new AnalysisError('header-type', message, { node: element.type });
      }
      return { name, type, namespace: 'header', headerKey: constraint.key };
    default:
      return constraint satisfies never;
  }
}

/** Whether keys of tables are called PRIMARY KEY, and those of streams not. @throws AnalysisError */
export function checkKeyWords(elements: readonly ast.TableElement[], kind: SourceKind): void {
  for (const element of elements) {
    if (element.constraint?.$type === 'KeyConstraint') checkKeyWord(element, element.constraint.primary, kind);
  }
}

function checkKeyWord(element: ast.TableElement, primary: boolean, kind: SourceKind): void {
  if (primary === (kind === 'TABLE')) return;
  const [used, right, what] = primary ? ['PRIMARY KEY', 'KEY', 'streams'] : ['KEY', 'PRIMARY KEY', 'tables'];
  const message =
    `Column ${backQuoted(element.name)} is a '${used}' column: please use '${right}' for ${what}.\n` +
    'Tables have PRIMARY KEYs, which are unique and NON NULL.\nStreams have KEYs, which have no uniqueness or NON NULL constraints.';
  const range = element.constraint?.$cstNode;
  const fixes = range
    ? [{ title: `Change to ${right}`, edits: [{ range: { start: range.offset, end: range.end }, text: right }] }]
    : [];
  throw new AnalysisError('key-keyword', message, { node: element.constraint ?? element, fixes });
}

function rejectSystemColumns(elements: readonly ast.TableElement[]): void {
  const element = elements.find(({ name }) => SYSTEM_COLUMNS.has(name));
  if (element === undefined) return;
  const message = `'${element.name}' is a reserved column name. You cannot use it as a name for a column.`;
  throw new AnalysisError('reserved-column', message, { node: element });
}

function rejectDuplicates(columns: readonly Column[], elements: readonly ast.TableElement[]): void {
  const names = new Set<string>();
  const at = columns.findIndex(({ name }) => names.size === names.add(name).size);
  if (at < 0) return;
  throw new AnalysisError('duplicate-column', `Duplicate column names: ${backQuoted(columns[at]!.name)}`, {
    node: elements[at],
  });
}

function rejectHeaderClashes(columns: readonly Column[], elements: readonly ast.TableElement[]): void {
  let hasAll = false;
  const keys = new Set<string | undefined>();
  columns.forEach(({ namespace, headerKey }, i) => {
    if (namespace !== 'headers' && namespace !== 'header') return;
    if (hasAll)
      throw new AnalysisError('header-columns', 'Schema already contains a HEADERS column.', { node: elements[i] });
    hasAll = namespace === 'headers';
    if (namespace === 'header' && keys.has(headerKey))
      throw new AnalysisError('header-columns', `Schema already contains a HEADER('${headerKey}') column.`, {
        node: elements[i],
      });
    keys.add(headerKey);
  });
}
