import type { FormatName } from '../../language/analysis/metastore.ts';
import { avroFormat } from './avro.ts';
import { delimitedFormat } from './delimited.ts';
import { jsonFormat } from './json.ts';
import { jsonSrFormat } from './json-sr.ts';
import { kafkaFormat } from './kafka.ts';
import { noneFormat } from './none.ts';
import { protobufFormat, protobufNosrFormat } from './protobuf.ts';
import type { Format } from './serde.ts';

/** All serialization formats. */
export const FORMATS: Readonly<Record<FormatName, Format>> = {
  NONE: noneFormat,
  KAFKA: kafkaFormat,
  DELIMITED: delimitedFormat,
  JSON: jsonFormat,
  JSON_SR: jsonSrFormat,
  AVRO: avroFormat,
  PROTOBUF: protobufFormat,
  PROTOBUF_NOSR: protobufNosrFormat,
};
