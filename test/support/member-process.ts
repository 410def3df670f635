import { KafkaBroker } from '../../engine/broker/kafka/kafka-broker.ts';

/**
 * A member of a group in a process of its own, which tells what it has as lines of JSON, so that a test can kill it:
 * `member-process.ts BOOTSTRAP GROUP NAME TOPIC PARTITIONS SESSION_MS`. A line on standard input has it leave.
 */
const [bootstrap, group, process_, topic, partitions, sessionTimeoutMs] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const tell = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
const tasks = Array.from({ length: Number(partitions) }, (_, partition) => ({
  id: `q_${partition}`,
  family: 'q',
  isStateful: false,
  inputs: [{ topic, partition }],
}));
const broker = await KafkaBroker.connect({ bootstrapServers: [bootstrap] });
const member = broker.joinGroup(
  { group, process: process_, capacity: 1, sessionTimeoutMs: Number(sessionTimeoutMs) },
  {
    tasks: () => tasks,
    lags: () => ({}),
    revoked: async (revoked) => tell({ revoked }),
    assigned: async ({ active, added }) => {
      tell({ active, added });
      const positions = active.map((id) => ({ topic, partition: Number(id.slice(2)), offset: 1 }));
      void member.commit(positions).then(
        () => tell({ committed: active.length }),
        (error: unknown) => tell({ refused: String(error) }),
      );
    },
    lost: async (lost, reason) => tell({ lost, reason: String(reason) }),
  },
);
process.stdin.once('data', async () => {
  await member.close();
  await broker.close();
  process.exit(0);
});
