import { describe, expect, test } from 'vitest';
import type { LogicalPlan, PlanNode } from '../../../engine/plan/logical-plan.ts';
import { inputsOf } from '../../../engine/plan/plan-inputs.ts';
import { printPlan, printTopology } from '../../../engine/plan/plan-printer.ts';
import { planOf } from './plan-fixture.ts';

/** The names of the steps, from the last one to the sources. */
const stepsOf = (node: PlanNode): string[] => [node.context, ...inputsOf(node).flatMap(stepsOf)];

/** Which columns of each source are read at all. */
const readOf = ({ sources }: LogicalPlan) =>
  sources.map(({ alias, layout, needed }) => `${alias}: ${layout.flatMap(({ name }, i) => (needed[i] ? [name] : []))}`);

describe('steps', () => {
  test('stand in the order in which ksqlDB takes them, under its names', () => {
    const plan = planOf(
      'CREATE TABLE o AS SELECT item, SUM(qty) AS n FROM orders WHERE qty > 0 GROUP BY item HAVING SUM(qty) > 1;',
    );
    expect(stepsOf(plan.root)).toEqual([
      'Aggregate/Project',
      'Aggregate/HavingFilter',
      'Aggregate/Aggregate',
      'WhereFilter',
      'KsqlTopic/Source',
    ]);
    expect(plan.repartitions).toEqual(['Aggregate-GroupBy-repartition']);
  });

  test('a join of three has the inner one on its left, each with a topic where a side has another key', () => {
    const plan = planOf(
      `CREATE STREAM o AS SELECT a.id, a.qty, c.page, r.n FROM shipments a
         JOIN clicks c WITHIN 1 HOUR ON a.id = c.id JOIN returned r WITHIN 1 HOUR ON a.qty = r.n;`,
    );
    expect(stepsOf(plan.root)).toEqual([
      'Project',
      'Join',
      'L_Join',
      'KafkaTopic_L_Left/Source',
      'KafkaTopic_L_Right/Source',
      'KafkaTopic_Right/Source',
    ]);
    expect(plan.repartitions).toEqual(['Join-left-repartition', 'Join-right-repartition']);
  });

  test('PARTITION BY and table functions stand before the projection', () => {
    const steps = stepsOf(planOf('CREATE STREAM o AS SELECT page, id FROM clicks PARTITION BY page;').root);
    expect(steps).toEqual(['Project', 'PartitionBy', 'KsqlTopic/Source']);
    const exploded = stepsOf(planOf('SELECT id, EXPLODE(tags) AS tag FROM clicks EMIT CHANGES;').root);
    expect(exploded).toEqual(['Project', 'FlatMap', 'KsqlTopic/Source']);
  });
});

describe('columns that no step reads are not read', () => {
  test.each([
    ['of a projection', 'SELECT page FROM clicks EMIT CHANGES;', ['CLICKS: PAGE']],
    ['of a condition', "SELECT id FROM clicks WHERE geo->city = 'x' EMIT CHANGES;", ['CLICKS: GEO,ID']],
    ['of grouping and aggregates', 'SELECT SUM(qty) FROM orders GROUP BY item EMIT CHANGES;', ['ORDERS: ITEM,QTY']],
    ['of a lambda', 'SELECT TRANSFORM(tags, x => x + page) FROM clicks EMIT CHANGES;', ['CLICKS: PAGE,TAGS']],
    [
      'of a join, whose condition needs both keys',
      'SELECT u.name FROM clicks c JOIN users u ON c.user_id = u.uid EMIT CHANGES;',
      ['C: USER_ID', 'U: NAME,UID'],
    ],
  ])('%s', (_of, text, read) => expect(readOf(planOf(text))).toEqual(read));

  test('a persistent query computes no key column twice', () => {
    const { root } = planOf('CREATE STREAM o AS SELECT id, page FROM clicks;');
    expect(root.columns.map(({ name }) => name)).toEqual(['PAGE']);
    expect(planOf('SELECT id, page FROM clicks EMIT CHANGES;').root.columns).toHaveLength(2);
  });
});

test('EXPLAIN prints the last step first, what feeds it below', () => {
  const plan = planOf('CREATE TABLE o AS SELECT item, COUNT(*) AS n FROM orders GROUP BY item;');
  expect(printPlan(plan)).toBe(
    '> [ PROJECT ] | Schema: `N` BIGINT, `ITEM` STRING KEY | Logger: Aggregate.Project\n' +
      '  > [ AGGREGATE ] | Schema: `ITEM` STRING KEY, `KSQL_AGG_VARIABLE_0` BIGINT | Logger: Aggregate.Aggregate\n' +
      '    > [ SOURCE ] | Schema: `ITEM` STRING, `QTY` INTEGER, `PRICE` DECIMAL(6, 2) | Logger: KsqlTopic.Source\n',
  );
  expect(printTopology(plan, 'O')).toBe(`Topologies:
   Sub-topology: 0
    Source: KsqlTopic-Source (topics: [orders])
      --> Aggregate-Prepare
    Processor: Aggregate-Prepare (stores: [])
      --> Aggregate-GroupBy-repartition-sink
      <-- KsqlTopic-Source
    Sink: Aggregate-GroupBy-repartition-sink (topic: Aggregate-GroupBy-repartition)
      <-- Aggregate-Prepare

   Sub-topology: 1
    Source: Aggregate-GroupBy-repartition-source (topics: [Aggregate-GroupBy-repartition])
      --> Aggregate-Aggregate
    Processor: Aggregate-Aggregate (stores: [Aggregate-Aggregate-Materialize])
      --> Aggregate-Project
      <-- Aggregate-GroupBy-repartition-source
    Processor: Aggregate-Project (stores: [])
      --> Sink
      <-- Aggregate-Aggregate
    Sink: Sink (topic: O)
      <-- Aggregate-Project
`);
});
