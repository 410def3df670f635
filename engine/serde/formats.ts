import type { FormatName } from '../../language/metastore/metastore.ts';
import { avroFormat } from './avro/avro.ts';
import { delimitedFormat } from './delimited/delimited.ts';
import type { Format } from './encoding/serde.ts';
import { jsonFormat } from './json/json.ts';
import { jsonSrFormat } from './json/json-sr.ts';
import { kafkaFormat } from './kafka.ts';
import { noneFormat } from './none.ts';
import { protobufFormat, protobufNosrFormat } from './protobuf/protobuf.ts';

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
