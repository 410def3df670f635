/** `node:crypto` in a browser, as far as the engine asks for it there. */

import { absent } from './absent.ts';
import { Buffer } from './globals.ts';

export const randomUUID = (): string => crypto.randomUUID();

export const randomBytes = (size: number): Buffer => Buffer.from(crypto.getRandomValues(new Uint8Array(size)));

export const createCipheriv = absent('encryption of files');
export const createDecipheriv = createCipheriv;
