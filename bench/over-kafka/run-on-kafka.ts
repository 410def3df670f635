import { KafkaBroker } from '../../engine/broker/kafka/kafka-broker.ts';
import type { Run } from '../table/figures.ts';
import { runInFlink } from './flink.ts';
import type { KafkaLine } from './lines.ts';
import type { BenchKafka, KafkaEngine } from './peers.ts';
import { runOnServer } from './run-on-server.ts';
import { KsqldbServer, OwnServer, type Server, type ServerSetup } from './server.ts';

interface Setting {
  readonly kafka: BenchKafka;
  readonly rowsOf: (line: KafkaLine) => number;
  /** Of the engine that is measured as `here`. */
  readonly folder: string;
}

/**
 * Measures lines by an engine that is started for them, once for all lines that want it set up alike, and checks what
 * comes of each.
 * @returns the run of each line, or why it has none
 */
export async function* runOnKafka(
  engine: KafkaEngine,
  lines: readonly KafkaLine[],
  { kafka: { bootstrap }, rowsOf, folder }: Setting,
): AsyncIterable<readonly [KafkaLine, Run | Error]> {
  if (lines.length === 0) return;
  const broker = await KafkaBroker.connect({ bootstrapServers: [bootstrap] });
  try {
    if (engine === 'Flink SQL') {
      yield* runInFlink(lines, { bootstrap, broker, rowsOf });
      return;
    }
    const bySetup = Map.groupBy(lines, ({ setup }) => JSON.stringify(setup));
    for (const alike of bySetup.values()) {
      const server = () => start(engine, alike[0]!.setup, { folder, bootstrap });
      yield* runLines(server, alike, (server, line) => runOnServer(server, line, { broker, rows: rowsOf(line) }));
    }
  } finally {
    await broker.close();
  }
}

const start = (
  engine: 'here' | 'ksqlDB',
  setup: ServerSetup,
  { folder, bootstrap }: { readonly folder: string; readonly bootstrap: string },
): Promise<Server> =>
  engine === 'here' ? OwnServer.start(folder, bootstrap, setup) : KsqldbServer.start(bootstrap, setup);

async function* runLines(
  starting: () => Promise<Server>,
  lines: readonly KafkaLine[],
  run: (server: Server, line: KafkaLine) => Promise<Run>,
): AsyncIterable<readonly [KafkaLine, Run | Error]> {
  let server: Server | undefined;
  try {
    for (const line of lines) {
      let measured: Run | Error;
      try {
        server ??= await starting();
        measured = await run(server, line);
      } catch (error) {
        measured = error instanceof Error ? error : new Error(String(error));
        // What a failed line has left behind is not the next one's.
        await server?.stop();
        server = undefined;
      }
      yield [line, measured];
    }
  } finally {
    await server?.stop();
  }
}
