import { setTimeout as sleep } from 'node:timers/promises';
import type { AssertSchema, AssertTopic, Literal, Timeout } from '../../language/generated/ast.ts';
import { unitMs } from '../../language/types/time-units.ts';
import { EngineError, ERROR_CODE } from '../api/errors.ts';
import type { EngineServices } from '../runtime/engine-services.ts';
import type { StatementHandler } from './preparation/statement-handler.ts';

const RETRY_MS = 100;

function timeoutMs(timeout: Timeout | undefined, setting: string, services: EngineServices): number {
  if (timeout === undefined) return Number(services.setting(setting) ?? 1000);
  return Number(timeout.amount) * unitMs(timeout.unit)!;
}

const assertFailed = (message: string): EngineError => new EngineError(ERROR_CODE.assertFailed, message);

/** Asks again until nothing is wrong or the time is up. @throws EngineError with what was wrong last */
async function retryUntil(timeLimitMs: number, problem: () => Promise<string | undefined>): Promise<void> {
  const endMs = performance.now() + timeLimitMs;
  for (;;) {
    const found = await problem();
    if (found === undefined) return;
    const leftMs = endMs - performance.now();
    if (leftMs <= 0) throw assertFailed(found);
    await sleep(Math.min(RETRY_MS, leftMs));
  }
}

function integerOf(literal: Literal): number | undefined {
  return literal.$type === 'NumberLiteral' && /^\d+$/.test(literal.value) ? Number(literal.value) : undefined;
}

const textOf = (literal: Literal): string => ('value' in literal ? String(literal.value) : 'null');

async function topicProblem(node: AssertTopic, { broker }: EngineServices): Promise<string | undefined> {
  const topic = await broker.describeTopic(node.topic);
  if (node.notExists) return topic === undefined ? undefined : `Topic ${node.topic} exists`;
  if (topic === undefined) return `Topic ${node.topic} does not exist`;
  const problems: string[] = [];
  for (const { name, value } of node.properties?.entries ?? []) {
    const key = name.toLowerCase();
    if (key !== 'partitions' && key !== 'replicas') {
      problems.push(`Cannot assert unknown topic property: ${name}`);
      continue;
    }
    const expected = integerOf(value);
    if (expected !== topic[key]) {
      problems.push(
        `Mismatched configuration for topic ${node.topic}: For config ${key}, expected ${textOf(value)} got ${topic[key]}`,
      );
    }
  }
  return problems.length === 0 ? undefined : problems.join('\n');
}

export const assertTopic: StatementHandler<AssertTopic> = {
  async execute({ node, text }, { services }) {
    await retryUntil(timeoutMs(node.timeout, 'ksql.assert.topic.default.timeout.ms', services), () =>
      topicProblem(node, services),
    );
    return {
      '@type': 'assert_topic',
      statementText: text,
      topicName: node.topic,
      exists: !node.notExists,
      warnings: [],
    };
  },
};

interface SchemaWanted {
  readonly subject: string | undefined;
  readonly id: number | undefined;
}

function schemaWanted(node: AssertSchema): SchemaWanted {
  if (node.subject === undefined && node.schemaId === undefined) {
    throw assertFailed('ASSERT SCHEMA statements much include a subject name or an id');
  }
  const id = node.schemaId === undefined ? undefined : integerOf(node.schemaId);
  if (node.schemaId !== undefined && id === undefined) throw assertFailed('ID must be an integer');
  return { subject: node.subject, id };
}

async function schemaExists({ subject, id }: SchemaWanted, { registry }: EngineServices): Promise<boolean> {
  if (registry === undefined)
    throw new EngineError(ERROR_CODE.schemaRegistryMissing, 'KSQL is not configured to use a schema registry.');
  if (subject === undefined) return (await registry.byId(id!)) !== undefined;
  if (id === undefined) return (await registry.latest(subject)) !== undefined;
  for (const version of await registry.versions(subject)) {
    if ((await registry.version(subject, version))?.id === id) return true;
  }
  return false;
}

export const assertSchema: StatementHandler<AssertSchema> = {
  async execute({ node, text }, { services }) {
    const wanted = schemaWanted(node);
    const name = [
      wanted.subject === undefined ? '' : ` subject name ${wanted.subject}`,
      wanted.id === undefined ? '' : ` id ${wanted.id}`,
    ].join('');
    await retryUntil(timeoutMs(node.timeout, 'ksql.assert.schema.default.timeout.ms', services), async () => {
      if ((await schemaExists(wanted, services)) !== node.notExists) return undefined;
      return `Schema with${name} ${node.notExists ? 'exists' : 'does not exist'}`;
    });
    const { subject, id } = wanted;
    return {
      '@type': 'assert_schema',
      statementText: text,
      subject: subject ?? null,
      id: id ?? null,
      exists: !node.notExists,
      warnings: [],
    };
  },
};
