import { naturalLogarithm } from '../java/math/natural-logarithm.ts';
import { roundDouble, roundScaled, roundToLong, truncateDouble, truncateScaled } from '../java/math/rounding.ts';
import { sortComparatorFor } from '../types/compare.ts';
import { powerOfTen } from '../types/decimal.ts';
import { doubleToLong, type Long, negateInt, negateLong } from '../types/integer.ts';
import { type DecimalType, decimal, type SqlType, type SqlValue } from '../types/sql-type.ts';
import { p, primitive, t, variadic } from './define.ts';
import {
  type ArgumentType,
  type CallSite,
  type FunctionExample,
  FunctionTypeError,
  type ParameterType,
  type ScalarFunction,
  type ScalarOverload,
} from './function.ts';

const NUMBERS = [t.int, t.bigint, t.double] as const;

/** A function of a DOUBLE that takes any number but DECIMAL. */
function doubleFunction(
  name: string,
  summary: string,
  calculate: (value: number) => number,
  example: FunctionExample,
  spelling = name.toLowerCase(),
): ScalarFunction {
  return {
    kind: 'scalar',
    name,
    spelling,
    category: 'MATHEMATICAL',
    summary,
    overloads: NUMBERS.map((type) => ({
      parameters: [p('value', type)],
      returns: t.double,
      implement: () => (value: Long) => calculate(Number(value)),
    })),
    examples: [example],
  };
}

/** A function of two DOUBLEs that takes two numbers of one type. */
const doublePair = (names: readonly [string, string], calculate: (a: number, b: number) => number): ScalarOverload[] =>
  NUMBERS.map((type) => ({
    parameters: names.map((name) => p(name, type)),
    returns: t.double,
    implement: () => (a: Long, b: Long) => calculate(Number(a), Number(b)),
  }));

const asDecimal = (type: ArgumentType | undefined): DecimalType => type as DecimalType;
const scaleOf = (site: CallSite): number => asDecimal(site.argumentTypes[0]).scale;

const ABS: ScalarFunction = {
  kind: 'scalar',
  name: 'ABS',
  category: 'MATHEMATICAL',
  summary: 'The absolute value of a number.',
  details: 'The least INTEGER and the least BIGINT have no positive counterpart and stay negative.',
  spelling: 'Abs',
  overloads: [
    {
      parameters: [p('val', t.int)],
      returns: t.int,
      implement: () => (value: number) => (value < 0 ? negateInt(value) : value),
    },
    {
      parameters: [p('val', t.bigint)],
      returns: t.bigint,
      implement: () => (value: Long) => (value < 0 ? negateLong(value) : value),
    },
    { parameters: [p('val', t.double)], returns: t.double, implement: () => Math.abs },
    {
      parameters: [p('val', t.decimal)],
      returns: ([type]) => type!,
      implement: () => (value: bigint) => (value < 0n ? -value : value),
    },
  ],
  examples: [{ call: 'ABS(-3)', result: '3' }],
};

function towards(name: 'CEIL' | 'FLOOR', spelling: string, up: boolean): ScalarFunction {
  const decimals = (site: CallSite) => {
    const unit = powerOfTen(scaleOf(site));
    return (value: bigint) => {
      const rest = value % unit;
      if (rest === 0n) return value;
      const truncated = value - rest;
      if (up) return value > 0n ? truncated + unit : truncated;
      return value < 0n ? truncated - unit : truncated;
    };
  };
  return {
    kind: 'scalar',
    name,
    spelling,
    category: 'MATHEMATICAL',
    summary: up
      ? 'The least whole number that is not less than the value.'
      : 'The greatest whole number that is not greater than the value.',
    details: `The type stays: a DECIMAL keeps its scale, so 1.25 becomes ${up ? '2.00' : '1.00'}.`,
    overloads: [
      { parameters: [p('value', t.int)], returns: t.int, implement: () => (value: number) => value },
      { parameters: [p('value', t.bigint)], returns: t.bigint, implement: () => (value: Long) => value },
      { parameters: [p('value', t.double)], returns: t.double, implement: () => (up ? Math.ceil : Math.floor) },
      { parameters: [p('value', t.decimal)], returns: ([type]) => type!, implement: decimals },
    ],
    examples: [{ call: `${name}(1.5E0)`, result: up ? '2E0' : '1E0' }],
  };
}

/** DECIMAL(p - s, 0): what is left of a DECIMAL without its fraction. */
function wholeDecimal(name: string): (args: readonly ArgumentType[]) => SqlType {
  return (args) => {
    const { precision, scale } = asDecimal(args[0]);
    if (precision - scale < 1)
      throw new FunctionTypeError(
        `DECIMAL precision must be >= 1: ${name} of DECIMAL(${precision}, ${scale}) leaves no digit`,
      );
    return decimal(precision - scale, 0);
  };
}

const ROUND: ScalarFunction = {
  kind: 'scalar',
  name: 'ROUND',
  category: 'MATHEMATICAL',
  summary: 'Rounds to whole numbers or to a number of decimal places; ties go towards positive infinity.',
  details:
    'Places may be negative. A DECIMAL rounded to places keeps its declared scale, the digits beyond become zeros; without places its type is DECIMAL(p - s, 0), which must have a digit. NaN becomes 0.',
  spelling: 'Round',
  overloads: [
    { parameters: [primitive('val', t.bigint)], returns: t.bigint, implement: () => (value: Long) => value },
    { parameters: [primitive('val', t.int)], returns: t.bigint, implement: () => (value: number) => value },
    {
      parameters: [p('val', t.double)],
      returns: t.bigint,
      implement: () => roundToLong,
    },
    { parameters: [p('val', t.double), p('decimalPlaces', t.int)], returns: t.double, implement: () => roundDouble },
    {
      parameters: [p('val', t.decimal)],
      returns: wholeDecimal('ROUND'),
      implement: (site) => {
        const scale = scaleOf(site);
        return (value: bigint) => roundScaled(value, scale, 0) / powerOfTen(scale);
      },
    },
    {
      parameters: [p('val', t.decimal), p('decimalPlaces', t.int)],
      returns: ([type]) => type!,
      implement: (site) => {
        const scale = scaleOf(site);
        return (value: bigint, places: number) => roundScaled(value, scale, places);
      },
    },
  ],
  examples: [{ call: 'ROUND(1.5E0)', result: '2' }],
};

const TRUNC: ScalarFunction = {
  kind: 'scalar',
  name: 'TRUNC',
  category: 'MATHEMATICAL',
  summary: 'Cuts off to whole numbers or to a number of decimal places, towards zero.',
  details: 'Places may be negative. The types are those of ROUND.',
  spelling: 'trunc',
  overloads: [
    { parameters: [p('val', t.bigint)], returns: t.bigint, implement: () => (value: Long) => value },
    { parameters: [p('val', t.int)], returns: t.bigint, implement: () => (value: number) => value },
    { parameters: [p('val', t.double)], returns: t.bigint, implement: () => (value: number) => doubleToLong(value) },
    { parameters: [p('val', t.double), p('decimalPlaces', t.int)], returns: t.double, implement: () => truncateDouble },
    {
      parameters: [p('val', t.decimal)],
      returns: wholeDecimal('TRUNC'),
      implement: (site) => {
        const unit = powerOfTen(scaleOf(site));
        return (value: bigint) => value / unit;
      },
    },
    {
      parameters: [p('val', t.decimal), p('decimalPlaces', t.int)],
      returns: ([type]) => type!,
      implement: (site) => {
        const scale = scaleOf(site);
        return (value: bigint, places: number) => truncateScaled(value, scale, places);
      },
    },
  ],
  examples: [{ call: 'TRUNC(1.7E0)', result: '1' }],
};

const SIGN: ScalarFunction = {
  kind: 'scalar',
  name: 'SIGN',
  category: 'MATHEMATICAL',
  summary: 'The sign of a number: -1, 0 or 1.',
  details: 'NaN gives 0.',
  spelling: 'sign',
  overloads: NUMBERS.map((type) => ({
    parameters: [p('value', type)],
    returns: t.int,
    implement: () => (value: Long) => (value > 0 ? 1 : value < 0 ? -1 : 0),
  })),
  examples: [{ call: 'SIGN(-3)', result: '-1' }],
};

const logarithm = (base: number, value: number): number =>
  base <= 0 || base === 1 ? Number.NaN : naturalLogarithm(value) / naturalLogarithm(base);

const LOG: ScalarFunction = {
  kind: 'scalar',
  name: 'LOG',
  category: 'MATHEMATICAL',
  summary: 'The natural logarithm of a value, or the logarithm to a base.',
  details: 'With a base that is 1 or not positive the result is NaN.',
  spelling: 'log',
  overloads: [
    ...NUMBERS.map((type) => ({
      parameters: [p('value', type)],
      returns: t.double,
      implement: () => (value: Long) => naturalLogarithm(Number(value)),
    })),
    ...doublePair(['base', 'value'], logarithm),
  ],
  examples: [{ call: 'LOG(1)', result: '0E0' }],
};

/** Widens DECIMALs to one that holds all of them. */
function widest(args: readonly ArgumentType[]): SqlType {
  const types = args.filter((type): type is DecimalType => type?.kind === 'DECIMAL');
  const scale = Math.max(...types.map((type) => type.scale));
  return decimal(Math.max(...types.map((type) => type.precision - type.scale)) + scale, scale);
}

function extreme(name: 'GREATEST' | 'LEAST', wanted: 1 | -1): ScalarFunction {
  const pick =
    (compare: (a: any, b: any) => number) =>
    (...values: SqlValue[]) =>
      values.reduce(
        (best, value) => (best === null || (value !== null && compare(value, best) * wanted > 0) ? value : best),
        null,
      );
  const types: readonly ParameterType[] = [t.int, t.bigint, t.double, t.string, t.bytes, t.date, t.time, t.timestamp];
  return {
    kind: 'scalar',
    name,
    spelling: name.toLowerCase(),
    category: 'MATHEMATICAL',
    summary: `The ${name.toLowerCase()} of its arguments; NULLs are passed over.`,
    details:
      'All NULL gives NULL; NaN is greater than every number. DECIMALs are widened to a type that holds all of them. Mixed ' +
      'types are cast, but INTEGER beside BIGINT, or DECIMAL beside INTEGER, is ambiguous and needs a CAST.',
    overloads: [
      ...types.map((type) => ({
        parameters: [p('val', type), variadic('vals', type)],
        returns: type,
        handlesNull: true,
        implement: () => pick(sortComparatorFor(type as SqlType)),
      })),
      {
        parameters: [p('val', t.decimal), variadic('vals', t.decimal)],
        returns: widest,
        handlesNull: true,
        implement: (site) => {
          const { scale } = asDecimal(site.returnType);
          const factors = site.argumentTypes.map((type) =>
            type?.kind === 'DECIMAL' ? powerOfTen(scale - type.scale) : 1n,
          );
          const best = pick((a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0));
          return (...values: (bigint | null)[]) =>
            best(...values.map((value, i) => (value === null ? null : value * (factors[i] ?? 1n))));
        },
      },
    ],
    examples: [{ call: `${name}(1, 3, 2)`, result: wanted > 0 ? '3' : '1' }],
  };
}

const degrees = (value: number) => value * (180 / Math.PI);
const radians = (value: number) => value * (Math.PI / 180);

export const MATH_FUNCTIONS: readonly ScalarFunction[] = [
  ABS,
  towards('CEIL', 'Ceil', true),
  towards('FLOOR', 'Floor', false),
  ROUND,
  TRUNC,
  SIGN,
  LOG,
  extreme('GREATEST', 1),
  extreme('LEAST', -1),
  doubleFunction('ACOS', 'The inverse cosine, in radians.', Math.acos, { call: 'ACOS(1)', result: '0E0' }),
  doubleFunction('ASIN', 'The inverse sine, in radians.', Math.asin, { call: 'ASIN(0)', result: '0E0' }),
  doubleFunction('ATAN', 'The inverse tangent, in radians.', Math.atan, { call: 'ATAN(0)', result: '0E0' }),
  {
    kind: 'scalar',
    name: 'ATAN2',
    spelling: 'atan2',
    category: 'MATHEMATICAL',
    summary: 'The angle of the point (x, y), in radians; y comes first.',
    overloads: doublePair(['y', 'x'], Math.atan2),
    examples: [{ call: 'ATAN2(0, 1)', result: '0E0' }],
  },
  doubleFunction('COS', 'The cosine of an angle in radians.', Math.cos, { call: 'COS(0)', result: '1E0' }),
  doubleFunction('COSH', 'The hyperbolic cosine.', Math.cosh, { call: 'COSH(0)', result: '1E0' }),
  doubleFunction('COT', 'The cotangent of an angle in radians.', (value) => 1 / Math.tan(value), {
    call: 'ROUND(COT(1), 3)',
    result: '0.642E0',
  }),
  doubleFunction('SIN', 'The sine of an angle in radians.', Math.sin, { call: 'SIN(0)', result: '0E0' }),
  doubleFunction('SINH', 'The hyperbolic sine.', Math.sinh, { call: 'SINH(0)', result: '0E0' }),
  doubleFunction('TAN', 'The tangent of an angle in radians.', Math.tan, { call: 'TAN(0)', result: '0E0' }),
  doubleFunction('TANH', 'The hyperbolic tangent.', Math.tanh, { call: 'TANH(0)', result: '0E0' }),
  doubleFunction('DEGREES', 'Radians as degrees.', degrees, { call: 'DEGREES(0)', result: '0E0' }),
  doubleFunction('RADIANS', 'Degrees as radians.', radians, { call: 'RADIANS(0)', result: '0E0' }),
  doubleFunction('EXP', 'e to a power.', Math.exp, { call: 'EXP(0)', result: '1E0' }, 'exp'),
  doubleFunction('LN', 'The natural logarithm.', naturalLogarithm, { call: 'LN(1)', result: '0E0' }, 'ln'),
  doubleFunction(
    'SQRT',
    'The square root; NaN of a negative value.',
    Math.sqrt,
    { call: 'SQRT(9)', result: '3E0' },
    'sqrt',
  ),
  doubleFunction('CBRT', 'The cube root.', Math.cbrt, { call: 'CBRT(8)', result: '2E0' }, 'cbrt'),
  {
    kind: 'scalar',
    name: 'PI',
    spelling: 'pi',
    category: 'MATHEMATICAL',
    summary: 'The ratio of a circle to its diameter.',
    overloads: [{ parameters: [], returns: t.double, implement: () => () => Math.PI }],
    examples: [{ call: 'ROUND(PI(), 3)', result: '3.142E0' }],
  },
  {
    kind: 'scalar',
    name: 'POWER',
    spelling: 'power',
    category: 'MATHEMATICAL',
    summary: 'A base to an exponent.',
    overloads: doublePair(['base', 'exponent'], Math.pow),
    examples: [{ call: 'POWER(2, 10)', result: '1024E0' }],
  },
  {
    kind: 'scalar',
    name: 'RANDOM',
    spelling: 'random',
    category: 'MATHEMATICAL',
    summary: 'A random number from 0 up to, not including, 1.',
    volatile: true,
    overloads: [{ parameters: [], returns: t.double, implement: (_, { random }) => random }],
    examples: [{ call: 'RANDOM() < 1', result: 'true' }],
  },
];
