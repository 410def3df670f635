import { type ActualRecord, describe, describeExpected, recordDiffers } from '../../../engine/testing/check-outputs.ts';
import { findDifference } from '../../../engine/testing/compare-values.ts';
import type { TestCase, TestRecord } from '../../../engine/testing/test-case.ts';
import type { Outputs } from './four-partitions.ts';

/**
 * What of the expected records is not there, or not in its place. Over several partitions records of one key stand in
 * the order that was recorded; those of different keys, and those without one, may stand in any.
 */
export function differenceOf(
  testCase: TestCase,
  expected: readonly TestRecord[],
  outputs: Outputs,
): string | undefined {
  for (const [topic, all] of outputs) {
    const wanted = expected.filter((record) => record.topic === topic);
    const inputs = testCase.inputs.filter((record) => record.topic === topic);
    // Expectations on a topic that also has inputs begin with these.
    const isWithInputs = all.length - inputs.length === wanted.length;
    const difference = differenceIn(testCase, isWithInputs ? [...inputs, ...wanted] : wanted, all);
    if (difference !== undefined)
      return `${topic}: ${difference}\nexpected\n${wanted.map(describeExpected).join('\n')}\nactual\n${all.map(describe).join('\n')}`;
  }
  return undefined;
}

function differenceIn(
  testCase: TestCase,
  expected: readonly TestRecord[],
  actual: readonly ActualRecord[],
): string | undefined {
  const left = [...actual];
  for (const record of expected) {
    const at = left.findIndex((other) =>
      record.key === null ? !recordDiffers(record, other, testCase) : hasKey(record, other, testCase),
    );
    if (at < 0) return `${describeExpected(record)} is missing`;
    const [found] = left.splice(at, 1);
    if (recordDiffers(record, found!, testCase)) return `${describe(found!)} instead of ${describeExpected(record)}`;
  }
  return left.length === 0 ? undefined : `${describe(left[0]!)} should not be there`;
}

const hasKey = ({ key }: TestRecord, actual: ActualRecord, { inexactNumbers }: TestCase): boolean =>
  findDifference(key, actual.key, inexactNumbers) === undefined;

/** Records as a case would expect them. */
export const asExpected = (outputs: Outputs): readonly TestRecord[] =>
  [...outputs].flatMap(([topic, records]) =>
    records.map(({ key, value, timeMs, window, headers }): TestRecord => {
      const type = 'time';
      return {
        topic,
        key,
        value,
        timeMs,
        ...(window === undefined ? {} : { window: { ...window, type } }),
        headers: headers.map((header) => ({
          key: header.key,
          value: header.value === null ? null : Buffer.from(header.value).toString('base64'),
        })),
      };
    }),
  );
