import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.UserScramCredentialsDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Everything that a cluster shows to its clients, as sorted lines {@code SECTION what...}: two servers on the same
 * directories must print the same. A section that the server does not offer is one line {@code SECTION unsupported}.
 */
final class Inventory {
    private static final List<String> ISOLATIONS = List.of("read_uncommitted", "read_committed");

    private final Properties properties;
    private final PrintWriter out;

    Inventory(Properties properties, PrintWriter out) {
        this.properties = properties;
        this.out = out;
    }

    private interface Section {
        void print(Admin admin) throws Exception;
    }

    void print() throws Exception {
        try (Admin admin = Admin.create(properties)) {
            section("cluster", admin, this::cluster);
            section("features", admin, this::features);
            section("topic", admin, this::topics);
            section("config", admin, this::configs);
            section("quota", admin, this::quotas);
            section("scram", admin, this::scram);
            section("offsets", admin, this::offsets);
            section("producer", admin, this::producers);
            section("directory", admin, this::directories);
            section("records", admin, this::records);
        }
        out.flush();
    }

    private void section(String name, Admin admin, Section section) throws Exception {
        try {
            section.print(admin);
        } catch (UnsupportedVersionException e) {
            out.println(name + " unsupported");
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnsupportedVersionException || e.getCause() instanceof UnsupportedForMessageFormatException)) {
                throw e;
            }
            out.println(name + " unsupported");
        }
    }

    private void cluster(Admin admin) throws Exception {
        out.println("cluster " + admin.describeCluster().clusterId().get() + " nodes "
            + admin.describeCluster().nodes().get().stream().map(Node::id).sorted().toList());
    }

    private void features(Admin admin) throws Exception {
        new TreeMap<>(admin.describeFeatures().featureMetadata().get().finalizedFeatures())
            .forEach((name, range) -> out.println("features " + name + " " + range));
    }

    private static List<String> names(Admin admin) throws Exception {
        List<String> names = new ArrayList<>(admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get());
        names.sort(Comparator.naturalOrder());
        return names;
    }

    private static List<TopicPartition> partitions(Admin admin) throws Exception {
        List<TopicPartition> partitions = new ArrayList<>();
        Map<String, TopicDescription> topics = admin.describeTopics(names(admin)).allTopicNames().get();
        new TreeMap<>(topics).forEach((name, topic) ->
            topic.partitions().forEach(partition -> partitions.add(new TopicPartition(name, partition.partition()))));
        return partitions;
    }

    private static List<Integer> ids(Collection<Node> nodes) {
        return nodes.stream().map(Node::id).toList();
    }

    private void topics(Admin admin) throws Exception {
        Map<String, TopicDescription> topics = new TreeMap<>(admin.describeTopics(names(admin)).allTopicNames().get());
        for (TopicDescription topic : topics.values()) {
            out.println("topic " + topic.name() + " " + topic.topicId() + (topic.isInternal() ? " internal" : ""));
            for (TopicPartitionInfo partition : topic.partitions()) {
                out.println("topic " + topic.name() + "-" + partition.partition() + " leader " + partition.leader().id() + " replicas "
                    + ids(partition.replicas()) + " isr " + ids(partition.isr()) + (partition.elr() == null ? "" : " elr " + ids(partition.elr())));
            }
        }
    }

    private void configs(Admin admin) throws Exception {
        List<ConfigResource> resources = new ArrayList<>();
        names(admin).forEach(name -> resources.add(new ConfigResource(ConfigResource.Type.TOPIC, name)));
        resources.add(new ConfigResource(ConfigResource.Type.BROKER, ""));
        resources.add(new ConfigResource(ConfigResource.Type.BROKER, "1"));
        Map<ConfigResource, Config> configs = admin.describeConfigs(resources).all().get();
        for (ConfigResource resource : resources) {
            List<ConfigEntry> entries = new ArrayList<>(configs.get(resource).entries());
            entries.sort(Comparator.comparing(ConfigEntry::name));
            for (ConfigEntry entry : entries) {
                boolean own = entry.name().startsWith("log.durability");
                boolean dynamic = entry.source().name().startsWith("DYNAMIC_");
                // Of a topic also what it inherits; the settings of Highwater alone are nobody else's.
                if (!own && (dynamic || resource.type() == ConfigResource.Type.TOPIC)) {
                    out.println("config " + resource.type() + " '" + resource.name() + "' " + entry.name() + "=" + entry.value() + " "
                        + entry.source());
                }
            }
        }
    }

    private void quotas(Admin admin) throws Exception {
        List<String> lines = new ArrayList<>();
        Map<ClientQuotaEntity, Map<String, Double>> quotas = admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get();
        quotas.forEach((entity, values) -> lines.add("quota " + new TreeMap<>(entity.entries()) + " " + new TreeMap<>(values)));
        lines.stream().sorted().forEach(out::println);
    }

    private void scram(Admin admin) throws Exception {
        Map<String, UserScramCredentialsDescription> users = admin.describeUserScramCredentials().all().get();
        new TreeMap<>(users).forEach((name, user) -> out.println("scram " + name + " " + user.credentialInfos()));
    }

    private void offsets(Admin admin) throws Exception {
        Map<String, OffsetSpec> specs = new TreeMap<>(Map.of("earliest", OffsetSpec.earliest(), "latest", OffsetSpec.latest(),
            "largest-timestamp", OffsetSpec.maxTimestamp(), "from-old", OffsetSpec.forTimestamp(BothWays.OLD_TIME + 60_500),
            "from-recent", OffsetSpec.forTimestamp(BothWays.RECENT_TIME + 60_500)));
        List<TopicPartition> partitions = partitions(admin);
        for (Map.Entry<String, OffsetSpec> spec : specs.entrySet()) {
            Map<TopicPartition, OffsetSpec> query = new TreeMap<>(Comparator.comparing(TopicPartition::toString));
            partitions.forEach(partition -> query.put(partition, spec.getValue()));
            var found = admin.listOffsets(query).all().get();
            for (TopicPartition partition : partitions) {
                var offset = found.get(partition);
                out.println("offsets " + spec.getKey() + " " + partition + " " + offset.offset() + " at " + offset.timestamp());
            }
        }
    }

    private void producers(Admin admin) throws Exception {
        List<TopicPartition> partitions = partitions(admin);
        var found = admin.describeProducers(partitions).all().get();
        for (TopicPartition partition : partitions) {
            List<ProducerState> states = new ArrayList<>(found.get(partition).activeProducers());
            states.sort(Comparator.comparingLong(ProducerState::producerId));
            states.forEach(state -> out.println("producer " + partition + " " + state));
        }
    }

    private void directories(Admin admin) throws Exception {
        Map<String, LogDirDescription> directories = new TreeMap<>(admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1));
        directories.forEach((path, directory) -> {
            List<String> lines = new ArrayList<>();
            directory.replicaInfos().forEach((partition, replica) ->
                lines.add("directory " + path + " " + partition + " " + replica.size() + " bytes" + (replica.isFuture() ? " future" : "")));
            lines.stream().sorted().filter(line -> !line.contains("__cluster_metadata")).forEach(out::println);
        });
    }

    private void records(Admin admin) throws Exception {
        for (String isolation : ISOLATIONS) {
            Properties reading = new Properties();
            reading.putAll(properties);
            reading.put("isolation.level", isolation);
            reading.put("enable.auto.commit", "false");
            reading.put("max.poll.records", "5000");
            reading.put("fetch.max.wait.ms", "10");
            try (KafkaConsumer<byte[], byte[]> consumer =
                     new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                for (TopicPartition partition : partitions(admin)) {
                    records(consumer, partition, isolation);
                }
            }
        }
    }

    private void records(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, String isolation) throws Exception {
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).get(partition);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        long count = 0;
        long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (consumer.position(partition) < end) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(partition + " " + isolation + " is silent at " + consumer.position(partition) + " of " + end);
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500)).records(partition)) {
                add(digest, record);
                ++count;
            }
        }
        out.println("records " + isolation + " " + partition + " end " + end + " count " + count + " sha256 "
            + HexFormat.of().formatHex(digest.digest()));
    }

    private static void add(MessageDigest digest, ConsumerRecord<byte[], byte[]> record) {
        digest.update(ByteBuffer.allocate(24).putLong(record.offset()).putLong(record.timestamp())
            .putInt(record.timestampType().id).putInt(record.leaderEpoch().orElse(-1)).flip());
        add(digest, record.key());
        add(digest, record.value());
        for (Header header : record.headers()) {
            add(digest, header.key().getBytes(StandardCharsets.UTF_8));
            add(digest, header.value());
        }
    }

    private static void add(MessageDigest digest, byte[] bytes) {
        digest.update(ByteBuffer.allocate(4).putInt(bytes == null ? -1 : bytes.length).flip());
        if (bytes != null) {
            digest.update(bytes);
        }
    }
}
