import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KafkaBroker } from '../../../engine/broker/kafka/kafka-broker.ts';
import { TopicCommandLog } from '../../../engine/runtime/commands/topic-command-log.ts';
import type { EmbeddedKafka } from '../../support/embedded-kafka.ts';
import type { Served } from '../../support/ksql-command.ts';
import { propertyOptions, ServedEngines } from '../../support/served-engines.ts';

type Answer = readonly {
  readonly commandStatus?: { readonly status: string; readonly queryId: string | null };
  readonly commandSequenceNumber?: number;
}[];

const ROUNDS = 12;

/** Processes that are asked for statements at once, one of which is killed meanwhile. */
export function describeCommands(start: () => Promise<EmbeddedKafka>): void {
  let kafka: EmbeddedKafka;
  let home: string;
  const engines = new ServedEngines();
  const end = engines.end.bind(engines);

  beforeAll(async () => {
    kafka = await start();
    home = mkdtempSync(path.join(tmpdir(), 'ksql-commands-'));
  }, 300_000);

  afterAll(async () => {
    await engines.endAll('SIGKILL');
    await kafka?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const serve = (): Promise<Served> =>
    engines.start(kafka.bootstrapServer, home, ...propertyOptions({ 'session.timeout.ms': '6000' }));

  async function post({ url }: Served, ksql: string, commandSequenceNumber?: number): Promise<Answer> {
    const answer = await fetch(`${url}/ksql`, {
      method: 'POST',
      body: JSON.stringify({ ksql, commandSequenceNumber }),
    });
    const body = (await answer.json()) as Answer;
    if (!answer.ok) throw new Error(JSON.stringify(body));
    return body;
  }

  test('engines that are asked at once, while one is killed, have the same of everything', {
    timeout: 180_000,
  }, async () => {
    const one = await serve();
    let other = await serve();
    const written: string[] = [];
    const unknown: string[] = [];
    const ask = async (engine: Served, statement: string) => {
      try {
        const [answer] = await post(engine, statement);
        expect(answer?.commandStatus?.status, statement).toBe('SUCCESS');
        written.push(statement);
      } catch (error) {
        // An engine that is killed does not say what became of its statement.
        if (!(error instanceof TypeError)) throw error;
        unknown.push(statement);
      }
    };
    const properties = "WITH (KAFKA_TOPIC='rows', VALUE_FORMAT='JSON', PARTITIONS=1)";
    await ask(one, `CREATE STREAM rows (k STRING KEY, v INT) ${properties};`);
    for (let round = 0; round < ROUNDS; round++) {
      const asked = [one, other].map(async (engine, side) => {
        await ask(engine, `CREATE TYPE t_${round}_${side} AS INT;`);
        await ask(engine, `CREATE STREAM IF NOT EXISTS c_${round}_${side} AS SELECT * FROM rows;`);
        await ask(engine, `CREATE OR REPLACE STREAM c_${round}_${side} AS SELECT * FROM rows WHERE v > ${round};`);
        if (round % 2 === side) await ask(engine, `DROP STREAM c_${round}_${side} DELETE TOPIC;`);
        else await ask(engine, `PAUSE ALL;`);
      });
      if (round % 5 === 3) {
        await end(other, 'SIGKILL');
        await Promise.all(asked);
        other = await serve();
      } else await Promise.all(asked);
    }

    const broker = await KafkaBroker.connect({ bootstrapServers: [kafka.bootstrapServer] });
    const log = await TopicCommandLog.open({ broker, serviceId: 'default_' });
    await broker.close();
    const commands = log.commands.map(({ statement }) => statement).filter((statement) => statement !== 'PAUSE ALL;');
    const missing = written.filter((statement) => statement !== 'PAUSE ALL;' && !commands.includes(statement));
    const foreign = commands.filter((statement) => !written.includes(statement) && !unknown.includes(statement));
    expect({ missing, foreign, doubled: commands.length - new Set(commands).size }).toEqual({
      missing: [],
      foreign: [],
      doubled: 0,
    });

    const joined = await serve();
    const stateOf = async (engine: Served) => {
      const [streams, types] = await post(engine, 'SHOW STREAMS; SHOW TYPES;', log.lastSequence);
      const described = await post(engine, 'SHOW QUERIES;');
      const { queries } = described[0] as unknown as { queries: { id: string; queryString: string }[] };
      return { streams, types, queries: queries.map(({ id, queryString }) => `${id}: ${queryString}`).sort() };
    };
    const state = await stateOf(one);
    expect(state.queries.length).toBeGreaterThan(ROUNDS / 2);
    expect(await stateOf(other)).toEqual(state);
    expect(await stateOf(joined)).toEqual(state);
    await Promise.all([one, other, joined].map((engine) => end(engine, 'SIGTERM')));
  });

  test('TERMINATE CLUSTER at one ends all of them', { timeout: 180_000 }, async () => {
    const [one, other] = [await serve(), await serve()];
    const request = { method: 'POST', body: JSON.stringify({ deleteTopicList: ['.*'] }) };
    expect((await fetch(`${one.url}/ksql/terminate`, request)).status).toBe(200);
    const isOver = async ({ url }: Served) => (await (await fetch(`${url}/info`)).json()) as { message?: string };
    for (const engine of [one, other]) {
      await expect.poll(() => isOver(engine)).toMatchObject({ message: 'The server is shutting down' });
      await end(engine, 'SIGTERM');
    }
    const fresh = await serve();
    expect(await post(fresh, 'SHOW STREAMS;')).toMatchObject([{ streams: [] }]);
    await end(fresh, 'SIGTERM');
  });
}
