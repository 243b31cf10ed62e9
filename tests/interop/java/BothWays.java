import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Fills a cluster with everything there is, more of it in each generation: {@code BothWays BOOTSTRAP}, then commands on
 * stdin, one answer per line on stdout ({@code ok ...} or {@code FAIL why}).
 *
 * <ul>
 *   <li>{@code fill GENERATION transactions|none}: what the server cannot do is named in the answer
 *   <li>{@code old FORMAT NAME}: topics of a broker that still writes magic 0 (format 0.9.0) or 1 (0.10.0)
 *   <li>{@code create TOPIC...} and {@code add TOPIC...}: empty topics of one partition, and records in them
 *   <li>{@code inventory FILE}: see {@link Inventory}
 * </ul>
 */
public final class BothWays {
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    static final long OLD_TIME = 1_700_000_000_000L;
    /** Producers whose last record is older than a day are forgotten at the next start. */
    static final long RECENT_TIME = System.currentTimeMillis() - 3_600_000L;

    private final String bootstrap;
    private final List<String> unsupported = new ArrayList<>();
    private Admin admin;
    private int generation;

    private BothWays(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    public static void main(String[] args) throws Exception {
        BothWays program = new BothWays(args[0]);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        System.out.println("ok");
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            try {
                System.out.println(("ok " + program.run(line.split(" "))).strip());
            } catch (Exception | AssertionError e) {
                e.printStackTrace();
                System.out.println("FAIL " + e.toString().replace('\n', ' '));
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private String run(String[] words) throws Exception {
        switch (words[0]) {
            case "fill" -> {
                generation = Integer.parseInt(words[1]);
                return fill(words[2].equals("transactions"));
            }
            case "old" -> oldFormat(words[1], words[2]);
            case "create" -> createPlain(Arrays.asList(words).subList(1, words.length));
            case "add" -> add(Arrays.asList(words).subList(1, words.length));
            case "inventory" -> {
                try (PrintWriter out = new PrintWriter(words[1])) {
                    new Inventory(properties(), out).print();
                }
            }
            default -> throw new IllegalArgumentException("unknown command " + words[0]);
        }
        return "";
    }

    private Properties properties(Object... pairs) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("default.api.timeout.ms", "120000");
        for (int at = 0; at < pairs.length; at += 2) {
            properties.put((String) pairs[at], pairs[at + 1]);
        }
        return properties;
    }

    private interface Step {
        void run() throws Exception;
    }

    private void step(String name, Step step) throws Exception {
        try {
            step.run();
        } catch (UnsupportedVersionException e) {
            unsupported.add(name);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnsupportedVersionException)) {
                throw new AssertionError(name + ": " + e.getCause(), e);
            }
            unsupported.add(name);
        }
    }

    private String fill(boolean transactions) throws Exception {
        unsupported.clear();
        try (Admin client = Admin.create(properties())) {
            admin = client;
            createTopics();
            for (String codec : CODECS) {
                produce("plain-" + codec, codec, false);
                produce("idempotent-" + codec, codec, true);
                produce("of-" + generation + "-" + codec, codec, true);
            }
            for (String topic : List.of("log-append-time", "recompressed", "segments", "many", "records-deleted", "deleted-" + generation)) {
                produce(topic, "zstd", true);
            }
            if (transactions) {
                for (String topic : List.of("transactions-1", "transactions-2")) {
                    transactions(topic);
                }
                openTransaction();
            }
            step("compact", this::compact);
            step("delete records", this::deleteRecords);
            step("configs", this::configs);
            step("quotas", this::quotas);
            step("scram", this::scram);
            step("partitions", this::morePartitions);
            admin.deleteTopics(List.of("deleted-" + generation)).all().get();
        }
        return unsupported.isEmpty() ? "" : "without " + String.join(", ", unsupported);
    }

    /** These formats know no headers, no idempotence and no zstd. */
    private void oldFormat(String format, String name) throws Exception {
        List<String> codecs = CODECS.subList(0, 4);
        try (Admin client = Admin.create(properties())) {
            List<NewTopic> topics = new ArrayList<>();
            for (String codec : codecs) {
                topics.add(new NewTopic(name + "-" + codec, 1, (short) 1).configs(Map.of("message.format.version", format,
                    "segment.bytes", "30000", "index.interval.bytes", "1000", "retention.ms", "-1")));
            }
            client.createTopics(topics).all().get();
        }
        for (String codec : codecs) {
            try (KafkaProducer<byte[], byte[]> producer = producer("compression.type", codec, "enable.idempotence", "false")) {
                for (int i = 0; i < 500; i++) {
                    producer.send(withoutHeaders(name + "-" + codec, i));
                }
            }
        }
    }

    private static ProducerRecord<byte[], byte[]> withoutHeaders(String topic, int number) {
        byte[] value = new byte[number % 300];
        new Random(number).nextBytes(value);
        Arrays.fill(value, value.length / 2, value.length, (byte) number);
        return new ProducerRecord<>(topic, 0, OLD_TIME + 60_000 + number * 10L, ("key-" + number).getBytes(), value);
    }

    private void createPlain(List<String> names) throws Exception {
        try (Admin client = Admin.create(properties())) {
            List<NewTopic> topics = new ArrayList<>();
            names.forEach(name -> topics.add(new NewTopic(name, 1, (short) 1).configs(Map.of("retention.ms", "-1",
                "index.interval.bytes", "1000"))));
            client.createTopics(topics).all().get();
        }
    }

    private void add(List<String> names) throws Exception {
        for (String name : names) {
            try (KafkaProducer<byte[], byte[]> producer = producer("compression.type", "zstd", "enable.idempotence", "false")) {
                for (int i = 0; i < 50; i++) {
                    producer.send(withoutHeaders(name, i));
                }
            }
        }
    }

    private void createTopics() throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        topics.add(new NewTopic("deleted-" + generation, 2, (short) 1));
        for (String codec : CODECS) {
            topics.add(new NewTopic("of-" + generation + "-" + codec, 2, (short) 1).configs(Map.of("retention.ms", "-1")));
        }
        if (generation == 1) {
            for (String codec : CODECS) {
                topics.add(new NewTopic("plain-" + codec, 2, (short) 1).configs(Map.of("retention.ms", "-1")));
                topics.add(new NewTopic("idempotent-" + codec, 2, (short) 1).configs(Map.of("retention.ms", "-1")));
            }
            topics.add(new NewTopic("transactions-1", 2, (short) 1).configs(Map.of("retention.ms", "-1", "segment.ms", "500")));
            topics.add(new NewTopic("transactions-2", 2, (short) 1).configs(Map.of("retention.ms", "-1")));
            topics.add(new NewTopic("transaction-open", 1, (short) 1).configs(Map.of("retention.ms", "-1")));
            topics.add(new NewTopic("compacted", 2, (short) 1).configs(Map.of("cleanup.policy", "compact", "segment.ms", "200",
                "min.cleanable.dirty.ratio", "0.01", "delete.retention.ms", "100")));
            topics.add(new NewTopic("log-append-time", 1, (short) 1).configs(Map.of("message.timestamp.type", "LogAppendTime")));
            topics.add(new NewTopic("recompressed", 1, (short) 1).configs(Map.of("compression.type", "gzip", "retention.ms", "-1")));
            topics.add(new NewTopic("segments", 1, (short) 1).configs(Map.of("segment.ms", "20", "retention.ms", "-1",
                "index.interval.bytes", "512")));
            topics.add(new NewTopic("many", 10, (short) 1).configs(Map.of("retention.ms", "-1", "preallocate", "true")));
            topics.add(new NewTopic("records-deleted", 1, (short) 1).configs(Map.of("retention.ms", "-1")));
        }
        admin.createTopics(topics).all().get();
        awaitServed(topics);
    }

    /**
     * Apache says that a topic is made before it serves it. An idempotent producer's first batch may then be refused and its
     * second one taken; the first is out of order from then on, and is sent again until it is too old.
     */
    private void awaitServed(List<NewTopic> topics) throws Exception {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (NewTopic topic : topics) {
            for (int partition = 0; partition < topic.numPartitions(); partition++) {
                asked.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
            }
        }
        admin.listOffsets(asked).all().get();
    }

    private KafkaProducer<byte[], byte[]> producer(Object... pairs) {
        Properties properties = properties(pairs);
        properties.put("linger.ms", "3");
        properties.put("batch.size", "4096");
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Records of all shapes: no key, no value, headers, empty headers, old and new timestamps. */
    private ProducerRecord<byte[], byte[]> record(String topic, int partition, int number, Random random) {
        byte[] key = number % 7 == 0 ? null : ("key-" + number % 50).getBytes();
        byte[] value = number % 11 == 0 ? null : new byte[random.nextInt(400)];
        if (value != null) {
            random.nextBytes(value);
            Arrays.fill(value, value.length / 2, value.length, (byte) number);
        }
        long time = (topic.startsWith("plain") ? OLD_TIME : RECENT_TIME) + 60_000L * generation + number * 10L;
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, partition, time, key, value);
        if (number % 3 == 0) {
            record.headers().add("number", Integer.toString(number).getBytes()).add("empty", new byte[0]).add("null", null);
        }
        return record;
    }

    private int partitionsOf(String topic) throws Exception {
        return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
    }

    private void produce(String topic, String codec, boolean idempotent) throws Exception {
        Random random = new Random(topic.hashCode() + generation);
        int partitions = partitionsOf(topic);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                 producer("compression.type", codec, "enable.idempotence", Boolean.toString(idempotent), "acks", "all")) {
            for (int i = 0; i < 300; i++) {
                sent.add(producer.send(record(topic, i % partitions, i, random)));
            }
        }
        for (Future<RecordMetadata> one : sent) {
            one.get();
        }
    }

    /** Every third is aborted. */
    private void transactions(String topic) throws Exception {
        Random random = new Random(generation);
        try (KafkaProducer<byte[], byte[]> producer = producer("transactional.id", topic + "-" + generation, "compression.type", "lz4");
             KafkaProducer<byte[], byte[]> beside = producer()) {
            producer.initTransactions();
            for (int transaction = 0; transaction < 9; transaction++) {
                producer.beginTransaction();
                for (int i = 0; i < 20; i++) {
                    producer.send(record(topic, i % 2, 20 * transaction + i, random));
                    if (i % 5 == 0) {
                        beside.send(record(topic, i % 2, 1000 + i, random));
                    }
                }
                producer.flush();
                if (transaction % 3 == 2) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
                Thread.sleep(60);
            }
        }
    }

    /** It stays open: the last stable offset stays where it begins. */
    private void openTransaction() throws Exception {
        if (generation != 1) {
            return;
        }
        produce("transaction-open", "none", false);
        KafkaProducer<byte[], byte[]> producer = producer("transactional.id", "open", "transaction.timeout.ms", "900000");
        producer.initTransactions();
        producer.beginTransaction();
        for (int i = 0; i < 10; i++) {
            producer.send(record("transaction-open", 0, i, new Random(i)));
        }
        producer.flush();
        produce("transaction-open", "gzip", true);
        // Closing it with patience would abort the transaction.
        producer.close(Duration.ZERO);
    }

    private static AlterConfigOp set(String key, String value) {
        return new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
    }

    private void alter(ConfigResource.Type type, String name, AlterConfigOp... changes) throws Exception {
        Map<ConfigResource, Collection<AlterConfigOp>> all = Map.of(new ConfigResource(type, name), List.of(changes));
        admin.incrementalAlterConfigs(all).all().get();
    }

    /** Overwrites ten keys again and again; Apache's cleaner gets the time to compact, and is then kept from it. */
    private void compact() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer("compression.type", "snappy")) {
            for (int i = 0; i < 400; i++) {
                byte[] value = i % 40 == 39 ? null : ("value-" + generation + "-" + i).getBytes();
                long time = System.currentTimeMillis() - 60_000;
                producer.send(new ProducerRecord<>("compacted", i % 2, time + 10 * i, ("key-" + i % 20).getBytes(), value));
            }
        }
        if (generation == 1) {
            Thread.sleep(1500);
            alter(ConfigResource.Type.TOPIC, "compacted", set("min.cleanable.dirty.ratio", "1.0"));
        }
    }

    private void deleteRecords() throws Exception {
        admin.deleteRecords(Map.of(new TopicPartition("records-deleted", 0), RecordsToDelete.beforeOffset(generation * 150L))).all().get();
    }

    private void configs() throws Exception {
        alter(ConfigResource.Type.TOPIC, "plain-gzip", set("max.message.bytes", Integer.toString(1_000_000 + generation)),
            set("segment.bytes", "1048576"), set("min.insync.replicas", "1"));
        alter(ConfigResource.Type.TOPIC, "of-" + generation + "-none", set("cleanup.policy", "delete"),
            set("message.timestamp.after.max.ms", "3600000"), set("follower.replication.throttled.replicas", "*"));
        alter(ConfigResource.Type.BROKER, "", set("message.max.bytes", Integer.toString(1_500_000 + generation)));
        alter(ConfigResource.Type.BROKER, "1", set("max.connections", Integer.toString(100_000 + generation)));
    }

    private static ClientQuotaAlteration quota(Map<String, String> entity, String key, double value) {
        return new ClientQuotaAlteration(new ClientQuotaEntity(entity), List.of(new ClientQuotaAlteration.Op(key, value)));
    }

    private void quotas() throws Exception {
        Map<String, String> everyUser = new HashMap<>();
        everyUser.put("user", null);
        admin.alterClientQuotas(List.of(
            quota(Map.of("user", "user-" + generation), "producer_byte_rate", 1e6 * generation),
            quota(Map.of("user", "alice", "client-id", "c-" + generation), "consumer_byte_rate", 12345),
            quota(Map.of("client-id", "client-" + generation), "request_percentage", 50.25),
            quota(Map.of("ip", "10.0.0." + generation), "connection_creation_rate", 7),
            quota(everyUser, "controller_mutation_rate", generation))).all().get();
    }

    private void scram() throws Exception {
        admin.alterUserScramCredentials(List.of(
            new UserScramCredentialUpsertion("alice-" + generation, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), "secret"),
            new UserScramCredentialUpsertion("bob", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096 + generation), "secret")))
            .all().get();
    }

    private void morePartitions() throws Exception {
        admin.createPartitions(Map.of("plain-none", NewPartitions.increaseTo(2 + generation))).all().get();
    }
}
