import type { FormatName } from '../../language/analysis/metastore.ts';
import { delimitedFormat } from './delimited.ts';
import { jsonFormat } from './json.ts';
import { kafkaFormat } from './kafka.ts';
import { noneFormat } from './none.ts';
import type { Format } from './serde.ts';

/** All serialization formats. */
export const FORMATS: Record<FormatName, Format> = {
  NONE: noneFormat,
  KAFKA: kafkaFormat,
  DELIMITED: delimitedFormat,
  JSON: jsonFormat,
};
