import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.checkpoint.OffsetCheckpointFile;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/** Apache's own recovery of log directories, without a server: what it leaves is what any other recovery must leave. */
final class Recovery {
    private Recovery() {
    }

    /** Recovers and closes every log in the log directories below {@code root}; how many logs there were. */
    static String run(Path root, Map<String, String> settings) throws Exception {
        Properties properties = new Properties();
        properties.putAll(settings);
        LogConfig config = new LogConfig(properties);
        KafkaScheduler scheduler = new KafkaScheduler(1);
        scheduler.startup();
        int logs = 0;
        try (Stream<Path> listed = Files.list(root)) {
            for (Path directory : listed.filter(Files::isDirectory).toList()) {
                logs += recoverDirectory(directory, config, scheduler);
            }
        } finally {
            scheduler.shutdown();
        }
        return logs + " logs";
    }

    private static int recoverDirectory(Path directory, LogConfig config, KafkaScheduler scheduler) throws Exception {
        Map<TopicPartition, Long> recoveryPoints = checkpoint(directory, "recovery-point-offset-checkpoint");
        Map<TopicPartition, Long> starts = checkpoint(directory, "log-start-offset-checkpoint");
        LogDirFailureChannel failures = new LogDirFailureChannel(1);
        List<UnifiedLog> logs = new ArrayList<>();
        try (Stream<Path> listed = Files.list(directory)) {
            for (Path path : listed.filter(Files::isDirectory).toList()) {
                File file = path.toFile();
                if (!file.getName().startsWith("load-") || file.getName().contains(".")) {
                    continue;
                }
                TopicPartition partition = UnifiedLog.parseTopicPartitionName(file);
                logs.add(UnifiedLog.create(file, config, starts.getOrDefault(partition, 0L), recoveryPoints.getOrDefault(partition, 0L),
                    scheduler, new BrokerTopicStats(), Time.SYSTEM, 900_000, new ProducerStateManagerConfig(86_400_000, false), 600_000,
                    failures, false, Optional.empty()));
            }
        }
        for (UnifiedLog log : logs) {
            log.flush(true);
            log.close();
        }
        return logs.size();
    }

    private static Map<TopicPartition, Long> checkpoint(Path directory, String name) throws Exception {
        File file = directory.resolve(name).toFile();
        if (!file.exists()) {
            return new HashMap<>();
        }
        return new OffsetCheckpointFile(file, new LogDirFailureChannel(1)).read();
    }
}
