import { md5 } from '../java/digest/md5.ts';
import { ascii, base64, encodingNamed, hex, type TextEncoding, utf8 } from '../java/text/text-bytes.ts';
import { EvaluationError } from '../types/evaluation-error.ts';
import { toLong } from '../types/integer.ts';
import type { SqlValue } from '../types/sql-type.ts';
import { p, t } from './define.ts';
import type { ParameterType, ScalarFunction } from './function.ts';

/** Hexadecimal text as ENCODE takes it: plain, `0x…` (an odd digit is filled up with 0) or `x'…'`. */
const looseHex: TextEncoding = {
  encode: (text) => {
    const quoted = /^[Xx]'(.*)'$/.exec(text);
    if (quoted !== null) return hex.encode(quoted[1]!);
    if (!text.startsWith('0x')) return hex.encode(text);
    const digits = text.slice(2);
    return hex.encode(digits.length % 2 === 1 ? `0${digits}` : digits);
  },
  decode: hex.decode,
};

/** Base64 as Java's commons-codec reads it: what is no base64 is passed over. */
const looseBase64: TextEncoding = {
  encode: (text) => {
    const clean = text
      .replace(/-/g, '+')
      .replace(/_/g, '/')
      .replace(/=.*$/s, '')
      .replace(/[^A-Za-z0-9+/]/g, '');
    const whole = clean.length % 4 === 1 ? clean.slice(0, -1) : clean;
    return base64.encode(whole.padEnd(Math.ceil(whole.length / 4) * 4, '='));
  },
  decode: base64.decode,
};

const ENCODE_FORMATS: Readonly<Record<string, TextEncoding>> = { hex: looseHex, utf8, ascii, base64: looseBase64 };

function encode(text: string, from: string, to: string): string {
  const [input, output] = [ENCODE_FORMATS[from.toLowerCase()], ENCODE_FORMATS[to.toLowerCase()]];
  if (input === undefined || output === undefined || input === output) {
    throw new EvaluationError('Supported input and output encodings are: hex, utf8, ascii and base64');
  }
  return output.decode(input.encode(text));
}

/** Reads a number of a fixed size from bytes, in the order asked for. */
function fromBytes(
  name: string,
  size: number,
  returns: ParameterType,
  read: (view: DataView, littleEndian: boolean) => SqlValue,
  example: { readonly call: string; readonly result: string },
): ScalarFunction {
  const run = (bytes: Uint8Array, order = 'BIG_ENDIAN') => {
    const upper = order.toUpperCase();
    if (upper !== 'BIG_ENDIAN' && upper !== 'LITTLE_ENDIAN') {
      throw new EvaluationError(`Byte order must be BIG_ENDIAN or LITTLE_ENDIAN, not ${order}`);
    }
    if (bytes.length !== size)
      throw new EvaluationError(`Number of bytes must be equal to ${size}, but found ${bytes.length}`);
    return read(new DataView(bytes.buffer, bytes.byteOffset, size), upper === 'LITTLE_ENDIAN');
  };
  return {
    kind: 'scalar',
    name,
    spelling: name.toLowerCase(),
    category: 'CONVERSIONS',
    summary: `The number that ${size} bytes hold, in big-endian order if not said otherwise.`,
    overloads: [
      { parameters: [p('value', t.bytes)], returns, implement: () => run },
      { parameters: [p('value', t.bytes), p('byteOrder', t.string)], returns, implement: () => run },
    ],
    examples: [example],
  };
}

export const BYTES_FUNCTIONS: readonly ScalarFunction[] = [
  {
    kind: 'scalar',
    name: 'ENCODE',
    category: 'STRING',
    summary: 'A text in another encoding: hex, utf8, ascii or base64.',
    details: "Hexadecimal text may begin with 0x or be written X'…'. Both encodings must differ.",
    spelling: 'encode',
    overloads: [
      {
        parameters: [p('str', t.string), p('inputEncoding', t.string), p('outputEncoding', t.string)],
        returns: t.string,
        implement: () => encode,
      },
    ],
    examples: [{ call: "ENCODE('abc', 'utf8', 'hex')", result: "'616263'" }],
  },
  {
    kind: 'scalar',
    name: 'FROM_BYTES',
    category: 'STRING',
    summary: 'Bytes as text in an encoding: hex, utf8, ascii or base64.',
    details: 'Hexadecimal digits come in upper case.',
    spelling: 'from_bytes',
    overloads: [
      {
        parameters: [p('value', t.bytes), p('encoding', t.string)],
        returns: t.string,
        implement: () => (bytes, name) => encodingNamed(name).decode(bytes),
      },
    ],
    examples: [{ call: "FROM_BYTES(TO_BYTES('abc', 'utf8'), 'hex')", result: "'616263'" }],
  },
  {
    kind: 'scalar',
    name: 'TO_BYTES',
    category: 'STRING',
    summary: 'The bytes of a text in an encoding: hex, utf8, ascii or base64.',
    details: 'Hexadecimal text must have an even number of digits.',
    spelling: 'to_bytes',
    overloads: [
      {
        parameters: [p('value', t.string), p('encoding', t.string)],
        returns: t.bytes,
        implement: () => (text, name) => encodingNamed(name).encode(text),
      },
    ],
    examples: [{ call: "FROM_BYTES(TO_BYTES('616263', 'hex'), 'utf8')", result: "'abc'" }],
  },
  {
    kind: 'scalar',
    name: 'MD5',
    spelling: 'md5',
    category: 'STRING',
    summary: 'The MD5 hash of a text as hexadecimal digits.',
    overloads: [
      {
        parameters: [p('s', t.string)],
        returns: t.string,
        implement: () => (text: string) => hex.decode(md5(utf8.encode(text))),
      },
    ],
    examples: [{ call: "MD5('abc')", result: "'900150983cd24fb0d6963f7d28e17f72'" }],
  },
  fromBytes('INT_FROM_BYTES', 4, t.int, (view, little) => view.getInt32(0, little), {
    call: "INT_FROM_BYTES(TO_BYTES('0000001A', 'hex'))",
    result: '26',
  }),
  fromBytes('BIGINT_FROM_BYTES', 8, t.bigint, (view, little) => toLong(view.getBigInt64(0, little)), {
    call: "BIGINT_FROM_BYTES(TO_BYTES('000000000000001A', 'hex'))",
    result: '26',
  }),
  fromBytes('DOUBLE_FROM_BYTES', 8, t.double, (view, little) => view.getFloat64(0, little), {
    call: "DOUBLE_FROM_BYTES(TO_BYTES('3FF0000000000000', 'hex'))",
    result: '1E0',
  }),
];
