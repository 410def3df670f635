import fc from 'fast-check';
import { expect, test } from 'vitest';
import { doubleToString } from '../../../language/types/java-double.ts';
import { jdkDoubleDigits } from '../../../language/types/jdk-double-digits.ts';

test.each([
  [2e23, '1.9999999999999998E23'],
  [-2e23, '-1.9999999999999998E23'],
  [Number('241962675729393344'), '2.41962675729393344E17'],
  [1e18, '1.0E18'],
  [123456789012345680, '1.2345678901234568E17'],
  [Number.MAX_VALUE, '1.7976931348623157E308'],
])('%d prints as %s', (value, text) => {
  expect(doubleToString(value)).toBe(text);
});

const positive = fc.double({ min: 0, minExcluded: true, noDefaultInfinity: true, noNaN: true });
const text = (value: number) => `0.${jdkDoubleDigits(value).digits}e${jdkDoubleDigits(value).exponent}`;

test('the digits identify the double', () => {
  fc.assert(
    fc.property(positive, (value) => {
      expect(Number(text(value))).toBe(value);
    }),
  );
});

test('below 2^53 they are the fewest that do, but for the second digit', () => {
  fc.assert(
    fc.property(positive, (value) => {
      fc.pre(value < 2 ** 53);
      const shortest = value.toExponential().split('e')[0]!.replace('.', '');
      if (shortest.length > 1) expect(jdkDoubleDigits(value).digits).toBe(shortest.replace(/0+$/, ''));
    }),
  );
});
