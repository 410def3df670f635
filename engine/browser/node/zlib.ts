/** `node:zlib` in a browser. Batches of records are compressed by clients of Kafka alone, which do not reach it. */
import { absent } from './absent.ts';

export const crc32 = absent('state file');
export const gunzipSync = absent('gzip');
export const gzipSync = gunzipSync;
