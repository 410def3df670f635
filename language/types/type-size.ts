import type { SqlType } from './sql-type.ts';

/** How large a type is when its custom types are written out. */
export interface TypeSize {
  /** Types within each other: none in INT, one in ARRAY<INT>. */
  readonly levels: number;
  /** The type itself, and all that are in it. */
  readonly parts: number;
}

const SIMPLE: TypeSize = { levels: 0, parts: 1 };
const sizes = new WeakMap<SqlType, TypeSize>();

/** Custom types are shared, so a type may have far more parts than anybody could write: each is looked at once. */
export function typeSize(type: SqlType): TypeSize {
  const inner = innerTypes(type);
  if (inner.length === 0) return SIMPLE;
  const known = sizes.get(type);
  if (known !== undefined) return known;
  let levels = 0;
  let parts = 1;
  for (const part of inner) {
    const size = typeSize(part);
    levels = Math.max(levels, size.levels + 1);
    parts += size.parts;
  }
  sizes.set(type, { levels, parts });
  return { levels, parts };
}

function innerTypes(type: SqlType): readonly SqlType[] {
  switch (type.kind) {
    case 'ARRAY':
      return [type.element];
    case 'MAP':
      return [type.key, type.value];
    case 'STRUCT':
      return type.fields.map((field) => field.type);
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'DOUBLE':
    case 'STRING':
    case 'BYTES':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return [];
    default:
      return type satisfies never;
  }
}
