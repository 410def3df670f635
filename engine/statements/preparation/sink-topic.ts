import type * as ast from '../../../language/generated/ast.ts';
import type { Metastore, TopicInfo } from '../../../language/metastore/metastore.ts';
import type { ParsedStatement } from '../../../language/parser/parse-script.ts';
import { type AnalysisSettings, StatementContext } from '../../../language/query/statement-context.ts';
import { numberProperty, textProperty, type WithClause } from '../../../language/settings/with-properties.ts';
import { defaultSinkTopic } from '../../../language/statements/injected-properties.ts';
import { withClause } from '../../../language/statements/with-entries.ts';
import { badRequest, EngineError, ERROR_CODE } from '../../api/errors.ts';

/**
 * What ksqlDB makes sure of before it analyses CREATE … AS: that the topic of the sink is one that it can make, or that
 * is there as the statement wants it. Statements that are replayed have their topics already.
 *
 * @throws EngineError
 */
export function checkSinkTopic(
  statement: ParsedStatement,
  node: ast.CreateAs,
  metastore: Metastore,
  settings: AnalysisSettings,
): void {
  const context = new StatementContext(statement, metastore, settings, new Map());
  const clause = context.attempt(() => withClause(node.properties, 'create-as', context));
  if (clause === undefined) return;
  const isWindowed = node.query.window !== undefined;
  if (node.kind === 'TABLE' && !isWindowed && clause.values.has('RETENTION_MS')) {
    throw badRequest(
      'Invalid config variable in the WITH clause: RETENTION_MS. Non-windowed tables do not support retention.',
    );
  }
  const left = metastore.sources.get(leftmost(node.query.from).name);
  const usual = defaultSinkTopic({ name: node.name, kind: node.kind as 'STREAM' | 'TABLE', isWindowed, left }, context);
  const name = textProperty(clause, 'KAFKA_TOPIC') ?? usual.name;
  const existing = metastore.topics?.get(name);
  const problem = existing === undefined ? unmakeable(name, clause) : mismatch(existing, clause, usual.partitions);
  if (problem !== undefined) throw new EngineError(ERROR_CODE.serverError, problem, { statementText: statement.text });
}

const leftmost = (relation: ast.Relation): ast.AliasedSource =>
  relation.$type === 'Join' ? leftmost(relation.left) : relation;

function unmakeable(name: string, clause: WithClause): string | undefined {
  const failed = `Failed to guarantee existence of topic ${name}\n`;
  if ((numberProperty(clause, 'PARTITIONS') ?? 1) < 1)
    return `${failed}Number of partitions was set to an invalid non-positive value.`;
  const replicas = numberProperty(clause, 'REPLICAS') ?? 1;
  if (replicas < -1 || replicas === 0)
    return `${failed}Replication factor must be larger than 0, or -1 to use the default value.`;
  return undefined;
}

function mismatch(existing: TopicInfo, clause: WithClause, usualPartitions: number): string | undefined {
  const partitions = numberProperty(clause, 'PARTITIONS') ?? usualPartitions;
  const replicas = numberProperty(clause, 'REPLICAS') ?? existing.replicas;
  const retentionMs = numberProperty(clause, 'RETENTION_MS') ?? existing.retentionMs;
  const isAlike =
    partitions === existing.partitions &&
    replicas <= existing.replicas &&
    (existing.retentionMs === undefined || retentionMs === existing.retentionMs);
  if (isAlike) return undefined;
  return (
    `A Kafka topic with the name '${existing.name}' already exists, with different partition/replica/retention ` +
    `configuration than required. KSQL expects ${partitions} partitions (topic has ${existing.partitions}), ` +
    `${replicas} replication factor (topic has ${existing.replicas}), and ${retentionMs} retention ` +
    `(topic has ${existing.retentionMs}).`
  );
}
