import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;

/**
 * Restores a key-value store of Kafka Streams from its changelog, over and over in one process, and prints a line of JSON
 * for each time but the first: how many entries, in how many seconds by the clock and of CPU time.
 * Run with: java RestoreWithStreams.java BOOTSTRAP APPLICATION_ID STORE INPUT_TOPIC rocksdb|memory ROUNDS
 */
public final class RestoreWithStreams {
    /** What reads the input, from which nothing comes, and has the store. */
    static final class Keeper extends ContextualProcessor<byte[], byte[], Void, Void> {
        @Override
        public void process(Record<byte[], byte[]> record) {}
    }

    public static void main(String[] args) throws Exception {
        String bootstrap = args[0], application = args[1], store = args[2], input = args[3];
        boolean inMemory = args[4].equals("memory");
        int rounds = Integer.parseInt(args[5]);
        for (int round = 0; round <= rounds; round++) {
            Path folder = Files.createTempDirectory("ksql-bench-streams-");
            Topology topology = new Topology();
            topology.addSource("in", Serdes.ByteArray().deserializer(), Serdes.ByteArray().deserializer(), input);
            topology.addProcessor("keeper", Keeper::new, "in");
            topology.addStateStore(
                Stores.keyValueStoreBuilder(
                    inMemory ? Stores.inMemoryKeyValueStore(store) : Stores.persistentKeyValueStore(store),
                    Serdes.Bytes(), Serdes.ByteArray()),
                "keeper");
            Restore restore = new Restore();
            KafkaStreams streams = new KafkaStreams(topology, settings(bootstrap, application, folder));
            streams.setGlobalStateRestoreListener(restore);
            streams.start();
            if (!restore.ended.await(10, TimeUnit.MINUTES)) throw new IllegalStateException("not restored in ten minutes");
            streams.close();
            streams.cleanUp();
            folder.toFile().delete();
            if (round == 0) continue;
            System.out.printf(
                "{\"version\":\"%s\",\"entries\":%d,\"wall_s\":%.4f,\"cpu_s\":%.4f}%n",
                AppInfoParser.getVersion(), restore.entries, restore.wallSeconds, restore.cpuSeconds);
        }
        System.exit(0);
    }

    static Properties settings(String bootstrap, String application, Path folder) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        // Else the next time would wait until the group has given up the member of this time.
        settings.put(StreamsConfig.consumerPrefix("internal.leave.group.on.close"), true);
        settings.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 6000);
        return settings;
    }

    /** What it takes from the first batch that is asked for to the last entry. */
    static final class Restore implements StateRestoreListener {
        final CountDownLatch ended = new CountDownLatch(1);
        long entries;
        double wallSeconds, cpuSeconds;
        private long startedNs, cpuNs;

        static long cpuNs() {
            return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
        }

        @Override
        public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
            startedNs = System.nanoTime();
            cpuNs = cpuNs();
        }

        @Override
        public void onBatchRestored(TopicPartition partition, String store, long to, long count) {}

        @Override
        public void onRestoreEnd(TopicPartition partition, String store, long total) {
            entries = total;
            wallSeconds = (System.nanoTime() - startedNs) / 1e9;
            cpuSeconds = (cpuNs() - cpuNs) / 1e9;
            ended.countDown();
        }
    }
}
