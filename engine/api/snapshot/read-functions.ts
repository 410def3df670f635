import { FUNCTIONS } from '../../../language/functions/catalogue.ts';
import type { DeclaredOverload, FunctionDeclaration } from '../../../language/functions/declared.ts';
import { parseType, TypeSyntaxError } from '../../../language/types/parse-type.ts';
import type { KsqlClient } from '../client.ts';
import type { FunctionDescriptionEntity, FunctionVariant } from '../protocol.ts';

/**
 * The functions that a server has besides those of ksqlDB itself. Overloads over types that only Java code knows
 * (generic ones, lambdas) are left out, and so is a function that has no others.
 * @throws ClientError
 */
export async function readFunctionsOf(client: KsqlClient): Promise<readonly FunctionDeclaration[]> {
  const entities = await client.execute('LIST FUNCTIONS;');
  const names = entities.flatMap((entity) => (entity['@type'] === 'function_names' ? entity.functions : []));
  const own = names.map(({ name }) => name).filter((name) => !FUNCTIONS.has(name.toUpperCase()));
  if (own.length === 0) return [];
  const descriptions = await client.execute(own.map((name) => `DESCRIBE FUNCTION ${name};`).join('\n'));
  return descriptions.flatMap((entity) => (entity['@type'] === 'describe_function' ? declarationOf(entity) : []));
}

const KINDS = { SCALAR: 'scalar', AGGREGATE: 'aggregate', TABLE: 'table' } as const;

function declarationOf(description: FunctionDescriptionEntity): readonly FunctionDeclaration[] {
  const { name, type, functions, author, path } = description;
  const overloads = functions.map(overloadOf).filter((overload) => overload !== undefined);
  if (overloads.length === 0) return [];
  const file = author.trim() || fileName(path);
  return [{ kind: KINDS[type], name: name.toUpperCase(), summary: description.description, overloads, file }];
}

/** Servers of one cluster may have their extensions in different folders. */
const fileName = (path: string): string => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);

function overloadOf({ arguments: parameters, returnType }: FunctionVariant): DeclaredOverload | undefined {
  const types = parameters.map(({ type }) => readableType(type));
  const returns = readableType(returnType);
  if (returns === undefined || types.includes(undefined)) return undefined;
  return {
    parameters: parameters.map(({ name, isVariadic }, i) => ({
      name: name === '' ? `value${i + 1}` : name,
      type: types[i]!,
      ...(isVariadic ? { variadic: true } : {}),
    })),
    returns,
    // Whether it minds NULLs is not told; the types of what it gives do not depend on it.
    nullable: true,
  };
}

/**
 * A type as declarations have it; undefined for what is none of KSQL's. Descriptions do not say how exact a DECIMAL is.
 */
function readableType(described: string): string | undefined {
  const text = described.replaceAll(/\bDECIMAL\b(?!\s*\()/g, 'DECIMAL(38, 10)');
  try {
    parseType(text);
    return text;
  } catch (error) {
    if (error instanceof TypeSyntaxError) return undefined;
    throw error;
  }
}
