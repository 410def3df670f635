/** `node:fs`, `node:path` and `node:readline` in a browser: there are no files. */
import { absent } from './absent.ts';

const noFiles = absent('file system');

export {
  noFiles as appendFileSync,
  noFiles as chmodSync,
  noFiles as closeSync,
  noFiles as copyFileSync,
  noFiles as createInterface,
  noFiles as createReadStream,
  noFiles as dirname,
  noFiles as fdatasync,
  noFiles as fdatasyncSync,
  noFiles as fstatSync,
  noFiles as mkdirSync,
  noFiles as openSync,
  noFiles as readdirSync,
  noFiles as readFileSync,
  noFiles as readlinkSync,
  noFiles as realpathSync,
  noFiles as renameSync,
  noFiles as rmSync,
  noFiles as statSync,
};
export const existsSync = (): boolean => false;
/** Flags of files that are opened. */
export const constants = {};
export default {};
