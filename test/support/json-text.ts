import * as fc from 'fast-check';

const number = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map(String),
  // As DECIMAL and Java's DOUBLE are written.
  fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.stringMatching(/^\d{1,12}$/))
    .map(([whole, part]) => `${whole}.${part}`),
  fc.constantFrom('-0.0', '1.0E10', '2.50', '0.0000001', '1.0E-7', '12345678901234567890.1234567890'),
);

/** A text as JSON, also with characters written by their number. */
const text = fc
  .tuple(
    fc.string({
      unit: fc.oneof(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        fc.constantFrom(...'"\\{}[],:\n/\u2028aÄ'),
      ),
    }),
    fc.boolean(),
  )
  .map(([value, isEscaped]) => {
    const json = JSON.stringify(value);
    return isEscaped
      ? json.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : json.replaceAll('/', '\\/');
  });

/** JSON of any value, in all the ways in which servers write numbers and texts. */
export const jsonValueText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    number,
    text,
    fc.constantFrom('null', 'true', 'false'),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(text, tie('value')), { maxLength: 3, selector: ([name]) => name })
      .map((fields) => `{${fields.map(([name, item]) => `${name}:${item}`).join(',')}}`),
  ),
})).value;
