import { javaRegex } from '../../language/java/regex/java-regex.ts';
import type { Engine } from '../index.ts';
import { asList, asNumber, asText, type ExactObject, isObject } from './case-json.ts';
import type { TestCase } from './test-case.ts';
import { sourceOver } from './test-topics.ts';
import { ExpectationError } from './verdict.ts';

/**
 * Checks the topics that there must be after the case, and those that there may not be (qtt-format §1.6). Of the topics
 * that Kafka Streams keeps for itself the engine has none; that a query needs one to repartition its rows is known from
 * its plan.
 *
 * @throws ExpectationError
 */
export async function checkTopics({ post }: TestCase, engine: Engine): Promise<void> {
  const expected = post?.['topics'];
  if (!isObject(expected)) return;
  const topics = await engine.broker.listTopics();
  const repartitions = engine.queries
    .all()
    .flatMap(({ id, repartitions: names }) => names.map((name) => `query_${id}-${name}`));
  const pattern = asText(expected['blacklist']);
  if (pattern !== undefined) {
    const forbidden = javaRegex(pattern);
    const found = [...topics.map(({ name }) => name), ...repartitions].find((name) => forbidden.test(name));
    if (found !== undefined)
      throw new ExpectationError(`No topic may match ${pattern} after the case, and there is ${found}.`);
  }
  for (const topic of asList(expected['topics']).filter(isObject)) {
    const name = asText(topic['name']) ?? '';
    if (name.startsWith('_confluent-ksql-')) continue;
    const found = topics.find((each) => each.name === name);
    if (found === undefined) throw new ExpectationError(`Topic ${name} should be there after the case.`);
    const partitions = asNumber(topic['partitions']);
    if (partitions !== undefined && partitions !== found.partitions)
      throw new ExpectationError(`Topic ${name} should have ${partitions} partitions, and has ${found.partitions}.`);
    checkFormats(name, topic, engine);
  }
}

function checkFormats(name: string, topic: ExactObject, engine: Engine): void {
  const source = sourceOver(name, engine);
  if (source === undefined) return;
  for (const side of ['key', 'value'] as const) {
    const format = topic[`${side}Format`];
    const expected = isObject(format) ? asText(format['format']) : undefined;
    const actual = source[`${side}Format`].name;
    if (expected !== undefined && expected !== actual)
      throw new ExpectationError(`Topic ${name}: the ${side} format should be ${expected}, and is ${actual}.`);
  }
}
