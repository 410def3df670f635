import { toJson } from '../../api/json-row.ts';
import type { QueryAnswer } from '../../runtime/query-answer.ts';
import { protobufNosrFormat } from '../../serde/protobuf/protobuf.ts';
import { protoSchemaText } from '../../serde/protobuf/schema-source.ts';
import { answerSchema, type RowFraming } from './row-framing.ts';

/**
 * Rows as Protobuf messages inside an array of objects: the header holds the message's definition, each row its bytes
 * in base64. Tombstones have no form here and are left out.
 */
export async function protobufFraming(answer: QueryAnswer): Promise<RowFraming> {
  const encoder = await protobufNosrFormat.createEncoder({
    topic: answer.queryId,
    isKey: false,
    format: { name: 'PROTOBUF_NOSR' },
    columns: answer.columns.map(({ name, type }, slot) => ({ name, type, slot })),
  });
  const schema = answerSchema(answer);
  const protoSchema = protoSchemaText(answer.columns, undefined, undefined, true);
  return {
    header: () => `[${toJson({ header: { queryId: answer.queryId, schema, protoSchema } })}`,
    rows(rows) {
      let text = '';
      for (const { values, tombstone } of rows) {
        if (tombstone) continue;
        const protobufBytes = Buffer.from(encoder.encode(values) ?? []).toString('base64');
        text += `,\n${toJson({ row: { protobufBytes } })}`;
      }
      return text;
    },
    error: (errorMessage) => `,\n${toJson({ errorMessage })}`,
    end: (finalMessage) => (finalMessage === undefined ? ']' : `,\n${toJson({ finalMessage })}]`),
  };
}
