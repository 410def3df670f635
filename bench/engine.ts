/**
 * Rows a second through whole queries, on a million flights: in process over the embedded broker, and Kafka to Kafka
 * where java and mvn are there. CPU time is this process's; Kafka's own is not in it.
 * Run with: node bench/engine.ts [ROWS]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openEngine } from '../engine/open-engine.ts';
import { kafkaMissing, startKafka } from '../test/support/kafka-server.ts';
import { writeFlights } from './flights.ts';
import { measure, rounded } from './measure.ts';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const COLUMNS = 'date STRING, delay INT, distance INT, origin STRING, destination STRING';

/** What ksqlDB 7.9.9 does on two cores, Kafka to Kafka, in rows per CPU-second. */
const QUERIES = [
  {
    title: 'filter and project',
    ksqldb: 190_000,
    sql: 'CREATE STREAM result AS SELECT plane, origin, destination, delay, distance FROM flights WHERE delay > 0;',
  },
  {
    title: 'one-minute tumbling COUNT and SUM, 10,000 keys',
    ksqldb: 82_000,
    sql: `CREATE TABLE result AS SELECT plane, COUNT(*) AS flights, SUM(distance) AS miles
          FROM flights WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY plane;`,
  },
  {
    title: 'stream-table left join',
    ksqldb: 76_000,
    sql: `CREATE STREAM result AS SELECT f.origin AS origin, a.city, a.state, f.destination, f.delay
          FROM flights f LEFT JOIN airports a ON f.origin = a.iata;`,
  },
];

async function bench(title: string, bootstrapServers: string | undefined): Promise<void> {
  for (const { title: what, sql, ksqldb } of QUERIES) {
    const serviceId = `bench_${process.pid}_${what.length}_`;
    const engine = await openEngine({
      serviceId,
      properties: { 'auto.offset.reset': 'earliest' },
      bootstrapServers,
    });
    for (const { name } of await engine.broker.listTopics())
      if (/^(flights|airports|RESULT)$/.test(name)) await engine.broker.deleteTopic(name);
    await writeFlights(engine.broker, ROWS);
    await engine.execute(`CREATE STREAM flights (plane STRING KEY, ${COLUMNS}) WITH (KAFKA_TOPIC = 'flights', VALUE_FORMAT = 'JSON');
      CREATE TABLE airports (iata STRING PRIMARY KEY, name STRING, city STRING, state STRING) WITH (KAFKA_TOPIC = 'airports', VALUE_FORMAT = 'JSON');`);
    const { wallSeconds, cpuSeconds } = await measure(async () => {
      await engine.execute(sql);
      const { run } = engine.queries.all()[0]!;
      while (run.recordsIn.total < ROWS) await sleep(5);
      const ends = run.positions.map(({ topic, partition, endOffset }) => ({ topic, partition, offset: endOffset }));
      await run.whenReached(ends, 60_000);
    });
    const results = engine.queries.all()[0]!.run.rowsOut.total;
    console.log(
      `${title.padEnd(15)} ${what.padEnd(48)} ${rounded(ROWS / cpuSeconds).padStart(10)} rows per CPU-second (${(ROWS / cpuSeconds / ksqldb).toFixed(1)} x ksqlDB's), ${rounded(ROWS / wallSeconds)} rows/s by the clock, ${rounded(results)} results`,
    );
    await engine.close();
  }
}

await bench('in process', undefined);
if (kafkaMissing === undefined) {
  const kafka = await startKafka();
  try {
    await bench('Kafka to Kafka', kafka.bootstrapServer);
  } finally {
    await kafka.stop();
  }
}
process.exit(0);
