import type { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { missingFunction } from '../../../engine/testing/query-case.ts';
import type { TestCase } from '../../../engine/testing/test-case.ts';
import { asExpected, differenceOf } from './compare-outputs.ts';
import { outputsOfOne, outputsOfTwo } from './four-partitions.ts';

/** So many cases run at once. */
const AT_ONCE = 8;

export interface SharedVerdict {
  readonly name: string;
  /**
   * `recorded`: two engines give what was recorded. `as-one`: they give what one engine over four partitions gives,
   * record by record, where what was recorded depends on there being one partition, such as which record is late.
   */
  readonly verdict: 'recorded' | 'as-one' | 'wrong' | 'needs-java';
  readonly detail: string;
}

/**
 * What depends on the other keys of a partition: the time of a stream, by which windows close and what is late, and
 * where records stand.
 */
const DEPENDS_ON_PARTITION = /\bWINDOW\b|\bWITHIN\b|_OFFSET\b|\bROWOFFSET\b|\bROWPARTITION\b/i;

/**
 * Runs cases on pairs of engines over one Kafka, several at once.
 * @param onVerdict told of each when it is done
 */
export async function runShared(
  cases: readonly TestCase[],
  kafka: KafkaBroker,
  onVerdict: (verdict: SharedVerdict) => void = () => undefined,
): Promise<readonly SharedVerdict[]> {
  const verdicts: SharedVerdict[] = [];
  const left = [...cases.entries()];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [i, testCase] = next;
      verdicts[i] = { name: testCase.fullName, ...(await judge(testCase, kafka, `case${i}`)) };
      onVerdict(verdicts[i]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return verdicts;
}

async function judge(testCase: TestCase, kafka: KafkaBroker, name: string): Promise<Omit<SharedVerdict, 'name'>> {
  if (missingFunction(testCase) !== undefined) return { verdict: 'needs-java', detail: '' };
  try {
    const two = await outputsOfTwo(testCase, kafka, name);
    const difference = differenceOf(testCase, testCase.outputs, two);
    if (difference === undefined) return { verdict: 'recorded', detail: '' };
    if (!DEPENDS_ON_PARTITION.test(testCase.statements.join('\n'))) return { verdict: 'wrong', detail: difference };
    const one = await outputsOfOne(testCase);
    const fromOne = differenceOf({ ...testCase, inputs: [] }, asExpected(one), two);
    return fromOne === undefined ? { verdict: 'as-one', detail: difference } : { verdict: 'wrong', detail: fromOne };
  } catch (error) {
    return { verdict: 'wrong', detail: String((error as Error).stack ?? error) };
  }
}
