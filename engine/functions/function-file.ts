import { readFileSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import path from 'node:path';
import { GuestError, NO_IMPORT } from './guest.ts';

const LARGEST_BYTES = 1024 * 1024;

/**
 * The JavaScript of a file of functions; types are blanked out, so that lines and columns stay.
 *
 * @throws GuestError for what cannot run
 * @throws Error when it cannot be read
 */
export function readFunctionFile(folder: string, file: string): string {
  const at = path.join(folder, file);
  if (statSync(at).size > LARGEST_BYTES) throw new Error(`It is larger than ${LARGEST_BYTES / 1024 / 1024} MB.`);
  const code = javaScriptOf(file, readFileSync(at, 'utf8'));
  // QuickJS refuses other imports when it loads the file; this one would only be refused when it is called, where
  // nobody sees it.
  const line = code.split('\n').findIndex((each) => /\bimport\s*\(/.test(each));
  if (line >= 0) throw new GuestError('thrown', NO_IMPORT, line + 1);
  return code;
}

function javaScriptOf(file: string, text: string): string {
  if (!/\.m?ts$/.test(file)) return text;
  if (typeof nodeModule.stripTypeScriptTypes !== 'function')
    throw new Error(`TypeScript needs Node 22.13 or newer; this is ${process.version}. Write it in JavaScript.`);
  // Node warns once that this may change; whoever runs functions can do nothing about that.
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return nodeModule.stripTypeScriptTypes(text, { mode: 'strip' });
  } finally {
    process.emitWarning = emitWarning;
  }
}
