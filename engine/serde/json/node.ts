import { type JsonNode, printJson } from '../../../language/java/text/json-text.ts';
import { parseDecimal } from '../../../language/types/decimal.ts';

/** The name of Jackson's class for the node, which ksqlDB's messages mention. */
export function nodeClass(node: JsonNode | undefined): string {
  switch (node?.kind) {
    case undefined:
      return 'MissingNode';
    case 'null':
      return 'NullNode';
    case 'boolean':
      return 'BooleanNode';
    case 'string':
      return 'TextNode';
    case 'array':
      return 'ArrayNode';
    case 'object':
      return 'ObjectNode';
    case 'number': {
      if (!node.isInteger) return 'DecimalNode';
      const value = BigInt(node.text);
      if (BigInt.asIntN(32, value) === value) return 'IntNode';
      return BigInt.asIntN(64, value) === value ? 'LongNode' : 'BigIntegerNode';
    }
    default:
      return node satisfies never;
  }
}

/** The integer part of a number; of a very large one only the low 64 bits are right. */
export function truncatedInteger({ text, isInteger }: Extract<JsonNode, { kind: 'number' }>): bigint {
  if (isInteger) return BigInt(text);
  const { unscaled, scale } = parseDecimal(text);
  // The low 64 bits of 10^64 and beyond are zero, and only they count.
  if (scale <= 0) return scale < -64 ? 0n : unscaled * 10n ** BigInt(-scale);
  return scale > unscaled.toString().length ? 0n : unscaled / 10n ** BigInt(scale);
}

/**
 * The node read as a STRING: scalars as text, objects as compact JSON, arrays as the text of a Java list, `[a, null,
 * 1]`. Numbers print as Jackson has them: `1.50`, and `1E+3` for 1e3.
 */
export function nodeText(node: JsonNode): string {
  switch (node.kind) {
    case 'string':
      return node.value;
    case 'array':
      return `[${node.items.map(nodeText).join(', ')}]`;
    case 'number':
    case 'boolean':
    case 'object':
    case 'null':
      return printJson(node, 'scientific');
    default:
      return node satisfies never;
  }
}
