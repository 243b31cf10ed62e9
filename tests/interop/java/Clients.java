import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Apache's Java clients driven from one virtual machine: {@code Clients BOOTSTRAP COMMAND ARGS...}, several commands
 * separated by {@code --}. Prints {@code ok NAME} or {@code FAIL NAME: why} per check; the exit status is the number of
 * failures (at most 100).
 */
public final class Clients {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final byte FIELD_END = 0x1f;
    private static final byte RECORD_END = 0x1e;

    private final String bootstrap;
    private int failures;

    private Clients(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    public static void main(String[] args) {
        Clients clients = new Clients(args[0]);
        List<String> command = new ArrayList<>();
        for (int at = 1; at <= args.length; at++) {
            if (at < args.length && !args[at].equals("--")) {
                command.add(args[at]);
                continue;
            }
            clients.run(command);
            command.clear();
        }
        System.exit(Math.min(clients.failures, 100));
    }

    private void run(List<String> command) {
        String name = String.join(" ", command.subList(0, Math.min(3, command.size())));
        try {
            switch (command.get(0)) {
                case "admin" -> admin();
                case "codec" -> codec(command.get(1), Integer.parseInt(command.get(2)));
                case "produce-file" -> produceFile(command.get(1), command.get(2), command.get(3));
                case "digest" -> digest(command.get(1), Long.parseLong(command.get(2)), command.get(3));
                default -> throw new IllegalArgumentException("unknown command");
            }
            System.out.println("ok java " + name);
        } catch (Exception | AssertionError e) {
            failures++;
            System.out.println("FAIL java " + name + ": " + e);
        }
    }

    private Properties properties(Object... pairs) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        for (int at = 0; at < pairs.length; at += 2) {
            properties.put((String) pairs[at], pairs[at + 1]);
        }
        return properties;
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    private void admin() throws Exception {
        try (Admin admin = Admin.create(properties("default.api.timeout.ms", "120000", "request.timeout.ms", "60000"))) {
            String name = "java-admin";
            NewTopic topic = new NewTopic(name, 3, (short) 1).configs(Map.of("segment.bytes", "1048576"));
            admin.createTopics(List.of(topic)).all().get();
            try {
                admin.createTopics(List.of(topic)).all().get();
                throw new AssertionError("a second creation went through");
            } catch (ExecutionException e) {
                require(e.getCause() instanceof TopicExistsException, "second creation: " + e.getCause());
            }
            eventually(() -> partitions(admin, name).size() == 3, "3 partitions");
            eventually(() -> partitions(admin, name).get(0).leader() != null, "a leader");
            require(admin.listTopics().names().get().contains(name), "listed");
            require(admin.describeCluster().nodes().get().size() == 1, "one node");
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
            Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            require("1048576".equals(config.get("segment.bytes").value()), "segment.bytes as set");
            admin.deleteTopics(List.of(name)).all().get();
            eventually(() -> partitions(admin, name).isEmpty(), "no description after the deletion");
        }
    }

    /** None of a topic that does not exist. */
    private static List<TopicPartitionInfo> partitions(Admin admin, String topic) throws Exception {
        try {
            return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions();
        } catch (ExecutionException e) {
            require(e.getCause() instanceof UnknownTopicOrPartitionException, "describing: " + e.getCause());
            return List.of();
        }
    }

    private interface Look {
        boolean holds() throws Exception;
    }

    /** A broker may learn of a change a moment after the controller has answered. */
    private static void eventually(Look look, String what) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!look.holds()) {
            require(System.nanoTime() < deadline, what);
            Thread.sleep(20);
        }
    }

    /** Produces {@code count} records with headers and null keys and values among them, reads them back, compares. */
    private void codec(String codec, int count) throws Exception {
        String topic = "java-" + codec;
        List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
        List<Future<RecordMetadata>> acknowledged = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = producer(codec)) {
            for (int i = 0; i < count; i++) {
                byte[] key = i % 7 == 0 ? null : ("key-" + i).getBytes();
                byte[] value = i % 11 == 0 ? null : ("value-" + i + "-" + "highwater ".repeat(i % 50)).getBytes();
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, 1_700_000_000_000L + i, key, value);
                record.headers().add("n", Integer.toString(i).getBytes()).add("empty", null);
                sent.add(record);
                acknowledged.add(producer.send(record));
            }
            producer.flush();
        }
        for (int i = 0; i < count; i++) {
            require(acknowledged.get(i).get().offset() == i, "offset " + acknowledged.get(i).get().offset() + " for record " + i);
        }
        List<ConsumerRecord<byte[], byte[]>> read = read(topic, count);
        for (int i = 0; i < count; i++) {
            ProducerRecord<byte[], byte[]> want = sent.get(i);
            ConsumerRecord<byte[], byte[]> have = read.get(i);
            require(have.offset() == i && Arrays.equals(want.key(), have.key()) && Arrays.equals(want.value(), have.value())
                && want.timestamp() == have.timestamp() && want.headers().equals(have.headers()), "record " + i + " differs");
        }
    }

    private KafkaProducer<byte[], byte[]> producer(String codec) {
        return new KafkaProducer<>(properties("compression.type", codec, "linger.ms", "5", "delivery.timeout.ms", "120000",
            "request.timeout.ms", "60000", "buffer.memory", "67108864"), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private List<ConsumerRecord<byte[], byte[]>> read(String topic, long count) {
        List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties("auto.offset.reset", "earliest",
            "enable.auto.commit", "false"), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (read.size() < count) {
                require(System.nanoTime() < deadline, read.size() + " of " + count + " records after " + PATIENCE);
                consumer.poll(Duration.ofMillis(500)).forEach(read::add);
            }
            require(read.size() == count, read.size() + " records, not " + count);
        }
        return read;
    }

    /** Sends a file of records: key, 0x1f, value, 0x1e. */
    private void produceFile(String topic, String codec, String file) throws Exception {
        byte[] all = Files.readAllBytes(Path.of(file));
        List<Future<RecordMetadata>> acknowledged = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = producer(codec)) {
            int start = 0;
            while (start < all.length) {
                int keyEnd = indexOf(all, FIELD_END, start);
                int end = indexOf(all, RECORD_END, keyEnd);
                acknowledged.add(producer.send(new ProducerRecord<>(topic, 0, Arrays.copyOfRange(all, start, keyEnd),
                    Arrays.copyOfRange(all, keyEnd + 1, end))));
                start = end + 1;
            }
        }
        for (Future<RecordMetadata> one : acknowledged) {
            one.get();
        }
    }

    private static int indexOf(byte[] bytes, byte wanted, int from) {
        int at = from;
        while (bytes[at] != wanted) {
            at++;
        }
        return at;
    }

    /** Reads a topic of {@code count} records and requires the SHA-256 of the file it was made from. */
    private void digest(String topic, long count, String wanted) throws Exception {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        for (ConsumerRecord<byte[], byte[]> record : read(topic, count)) {
            sha.update(record.key());
            sha.update(FIELD_END);
            sha.update(record.value());
            sha.update(RECORD_END);
        }
        String have = HexFormat.of().formatHex(sha.digest());
        require(have.equals(wanted), "sha256 " + have + ", not " + wanted);
    }
}
