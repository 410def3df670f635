/**
 * Where the time of the engine's process goes while it runs one line from Kafka to Kafka: the steps of the warm run by
 * the share of samples that fell into them. Kafka is started for it, unless there is one.
 * Run with: node bench/over-kafka/profile-line.ts LINE [ROWS [STEPS [BOOTSTRAP_SERVER]]]
 */
import type { Profiler } from 'node:inspector';
import { loadavg } from 'node:os';
import path from 'node:path';
import { KafkaBroker } from '../../engine/broker/kafka/kafka-broker.ts';
import { rounded } from '../measure.ts';
import { printSamples } from '../table/samples.ts';
import { KAFKA_LINES } from './lines.ts';
import { BenchKafka, kafkaUnavailable } from './peers.ts';
import { runOnServer } from './run-on-server.ts';
import { OwnServer } from './server.ts';

const INTERVAL_US = 200;
const root = path.join(import.meta.dirname, '../..');
const [name, rows, steps = '40', given] = process.argv.slice(2);
const line = KAFKA_LINES.find((each) => each.name === name);
const unavailable = given === undefined ? kafkaUnavailable() : undefined;
if (line === undefined || unavailable !== undefined) {
  console.error(unavailable ?? `There is no line ${String(name)}: ${KAFKA_LINES.map((each) => each.name).join(', ')}.`);
  process.exit(2);
}

/** Speaks with V8's inspector in another process. */
class Inspector {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (result: unknown) => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { readonly id?: number; readonly result?: unknown };
      if (id !== undefined) this.#answers.get(id)?.(result);
    });
  }

  static async connect(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
    return new Inspector(socket);
  }

  ask<T = unknown>(method: string, params: object = {}): Promise<T> {
    const id = this.#answers.size + 1;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#answers.set(id, resolve as (result: unknown) => void));
  }

  close(): void {
    this.#socket.close();
  }
}

const kafka = given === undefined ? await BenchKafka.start() : undefined;
const bootstrap = given ?? kafka!.bootstrap;
const broker = await KafkaBroker.connect({ bootstrapServers: [bootstrap] });
const server = await OwnServer.start(root, bootstrap, line.setup, true);
try {
  const inspector = await Inspector.connect(server.inspectorUrl!);
  await inspector.ask('Profiler.enable');
  await inspector.ask('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  const run = await runOnServer(server, line, {
    broker,
    rows: Number(rows ?? line.rows),
    async around(measured) {
      await inspector.ask('Profiler.start');
      const cost = await measured();
      const { profile } = await inspector.ask<{ readonly profile: Profiler.Profile }>('Profiler.stop');
      console.log(`${cost.wallSeconds.toFixed(2)} s by the clock, ${cost.cpuSeconds.toFixed(2)} s of CPU time`);
      printSamples(profile, root, Number(steps));
      return cost;
    },
  });
  inspector.close();
  console.log(`${rounded(run.value)} ${line.unit} per CPU-second while profiled, load ${loadavg()[0]!.toFixed(1)}`);
} finally {
  await server.stop();
  await broker.close();
  kafka?.stop();
}
