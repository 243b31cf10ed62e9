import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A client that goes on while servers die under it: {@code Load BOOTSTRAP SEED}, then one command per line on stdin, one
 * answer per line on stdout ({@code ok ...} or {@code FAIL why}).
 *
 * <ul>
 *   <li>{@code begin}: new topics, and a producer on each of them: idempotent ones with every codec, plain ones too
 *   <li>{@code create NAME}: a topic, acknowledged
 *   <li>{@code verify}: everything acknowledged since the last time is there; idempotent records are there without a gap.
 *       One that was not acknowledged may be there twice: of each producer Kafka's snapshots keep the last batch only, so
 *       that a retry of the one before is out of order after a crash, and the producer begins a new epoch with it.
 *   <li>{@code end}: the producers stop, everything of their topics is verified from the first offset, the topics go
 *   <li>{@code recover ROOT DIRECTORY...}: Apache's own recovery of these log directories, see {@link Recovery}
 * </ul>
 *
 * Values are the number of the record in its partition (8 bytes), then noise.
 */
public final class Load {
    private static final int PARTITIONS = 3;
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    private static final Map<String, String> SMALL_SEGMENTS = Map.of("segment.bytes", "1048576", "segment.index.bytes", "16384",
        "index.interval.bytes", "1024", "segment.ms", "1000");

    private final String bootstrap;
    private final Random random;
    private final Admin admin;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<String> acknowledgedTopics = new ArrayList<>();
    private final List<Writer> writers = new ArrayList<>();
    private int generation;
    private long repeated;

    private Load(String bootstrap, long seed) {
        this.bootstrap = bootstrap;
        this.random = new Random(seed);
        this.admin = Admin.create(properties("default.api.timeout.ms", "60000", "request.timeout.ms", "5000"));
        this.consumer = new KafkaConsumer<>(properties("enable.auto.commit", "false", "max.poll.records", "5000",
            "auto.offset.reset", "none", "default.api.timeout.ms", "60000", "request.timeout.ms", "5000", "fetch.max.wait.ms", "50"),
            new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    public static void main(String[] args) throws Exception {
        Load load = new Load(args[0], Long.parseLong(args[1]));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        System.out.println("ok");
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            try {
                System.out.println(("ok " + load.run(line.split(" "))).strip());
            } catch (Exception | AssertionError e) {
                System.out.println("FAIL " + e.toString().replace('\n', ' '));
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private String run(String[] words) throws Exception {
        return switch (words[0]) {
            case "begin" -> begin();
            case "create" -> create(words[1]);
            case "verify" -> verify();
            case "end" -> end();
            case "recover" -> Recovery.run(Path.of(words[1]), SMALL_SEGMENTS);
            default -> throw new IllegalArgumentException("unknown command " + words[0]);
        };
    }

    private Properties properties(Object... pairs) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("reconnect.backoff.ms", "20");
        properties.put("reconnect.backoff.max.ms", "100");
        properties.put("retry.backoff.ms", "20");
        properties.put("retry.backoff.max.ms", "100");
        for (int at = 0; at < pairs.length; at += 2) {
            properties.put((String) pairs[at], pairs[at + 1]);
        }
        return properties;
    }

    private void createTopic(NewTopic topic) throws Exception {
        try {
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            // A creation that was tried again after its answer was lost.
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    private String begin() throws Exception {
        ++generation;
        List<Writer> fresh = new ArrayList<>();
        for (String codec : CODECS) {
            fresh.add(new Writer("load-" + generation + "-" + codec, codec, true));
        }
        fresh.add(new Writer("load-" + generation + "-plain-none", "none", false));
        fresh.add(new Writer("load-" + generation + "-plain-zstd", "zstd", false));
        for (Writer writer : fresh) {
            Map<String, String> settings = new HashMap<>(SMALL_SEGMENTS);
            // A killed Apache leaves zeros behind its last batch then.
            settings.put("preallocate", Boolean.toString(writer.topic.endsWith("zstd")));
            createTopic(new NewTopic(writer.topic, PARTITIONS, (short) 1).configs(settings));
        }
        for (Writer writer : fresh) {
            writers.add(writer);
            writer.start();
        }
        return fresh.size() * PARTITIONS + " partitions";
    }

    private String create(String name) throws Exception {
        createTopic(new NewTopic(name, 1, (short) 1));
        acknowledgedTopics.add(name);
        return "";
    }

    private String verify() throws Exception {
        long records = 0;
        long acknowledged = 0;
        for (Writer writer : writers) {
            for (Shard shard : writer.shards) {
                acknowledged += shard.acknowledged();
                records += shard.verify(shard.verified);
            }
        }
        List<String> names = new ArrayList<>(admin.listTopics().names().get());
        for (String topic : acknowledgedTopics) {
            if (!names.contains(topic)) {
                throw new AssertionError("the topic " + topic + " was acknowledged and is gone");
            }
        }
        return records + " records read, " + acknowledged + " acknowledged so far, " + repeated + " repeated, topics " + acknowledgedTopics.size();
    }

    private String end() throws Exception {
        for (Writer writer : writers) {
            writer.running = false;
        }
        long records = 0;
        long counted = repeated;
        for (Writer writer : writers) {
            writer.join();
            for (Shard shard : writer.shards) {
                records += shard.verify(0);
            }
        }
        repeated = counted;
        List<String> doomed = new ArrayList<>(acknowledgedTopics);
        writers.forEach(writer -> doomed.add(writer.topic));
        for (String topic : doomed) {
            try {
                admin.deleteTopics(List.of(topic)).all().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
        acknowledgedTopics.clear();
        writers.clear();
        return records + " records read again";
    }

    /** What one partition was promised. Offsets and numbers in the order of the acknowledgements. */
    private final class Shard {
        final TopicPartition partition;
        final boolean unbroken;
        volatile String undelivered;
        long next;
        long verified;
        private long verifiedNumber = -1;
        private long[] offsets = new long[1024];
        private long[] numbers = new long[1024];
        private int count;

        Shard(String topic, int index, boolean unbroken) {
            this.partition = new TopicPartition(topic, index);
            this.unbroken = unbroken;
        }

        synchronized void acknowledge(long offset, long number) {
            if (count == offsets.length) {
                offsets = Arrays.copyOf(offsets, 2 * count);
                numbers = Arrays.copyOf(numbers, 2 * count);
            }
            offsets[count] = offset;
            numbers[count++] = number;
        }

        synchronized int acknowledged() {
            return count;
        }

        private synchronized Map<Long, Long> promisedFrom(long offset) {
            Map<Long, Long> promised = new HashMap<>();
            for (int i = 0; i < count; i++) {
                if (offsets[i] >= offset) {
                    promised.put(offsets[i], numbers[i]);
                }
            }
            return promised;
        }

        /** Reads from {@code from} to the end and holds it against the promises; how many records there were. */
        long verify(long from) {
            if (undelivered != null) {
                throw new AssertionError(partition + ": " + undelivered);
            }
            Map<Long, Long> promised = promisedFrom(from);
            Set<Long> known = new HashSet<>(promised.values());
            consumer.assign(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            consumer.seek(partition, from);
            long previous = from == 0 ? -1 : verifiedNumber;
            long expected = from;
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (expected < end) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError(partition + " is silent at offset " + expected + " of " + end);
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500)).records(partition)) {
                    long number = ByteBuffer.wrap(record.value()).getLong();
                    if (record.offset() != expected) {
                        throw new AssertionError(partition + " has offset " + record.offset() + " where " + expected + " should be");
                    }
                    if (unbroken ? number > previous + 1 : number <= previous) {
                        throw new AssertionError(partition + " offset " + expected + ": record " + number + " follows " + previous);
                    }
                    Long promise = promised.remove(expected);
                    if (promise != null && promise != number) {
                        throw new AssertionError(partition + " offset " + expected + ": " + promise + " was acknowledged, " + number + " is there");
                    }
                    if (number <= previous) {
                        ++repeated;
                        if (known.contains(number) && (promise == null || promise != number)) {
                            throw new AssertionError(partition + " offset " + expected + ": " + number + " is there twice, although acknowledged");
                        }
                    }
                    previous = Math.max(previous, number);
                    ++expected;
                }
            }
            // The promises were noted before the end was asked for: none may lie behind it.
            if (!promised.isEmpty()) {
                throw new AssertionError(partition + ": " + promised.size() + " acknowledged records are missing, the first at "
                    + promised.keySet().stream().min(Long::compare).get() + ", the end is " + end);
            }
            verified = expected;
            verifiedNumber = previous;
            return expected - from;
        }
    }

    private final class Writer extends Thread {
        final String topic;
        final Shard[] shards = new Shard[PARTITIONS];
        volatile boolean running = true;
        private final KafkaProducer<byte[], byte[]> producer;
        private final Random choices = new Random(random.nextLong());

        Writer(String topic, String codec, boolean idempotent) {
            super(topic);
            this.topic = topic;
            setDaemon(true);
            for (int i = 0; i < PARTITIONS; i++) {
                shards[i] = new Shard(topic, i, idempotent);
            }
            Properties properties = properties("acks", "all", "compression.type", codec, "linger.ms", "2", "batch.size", "8192",
                "buffer.memory", "4194304", "max.block.ms", "120000", "request.timeout.ms", "5000",
                "delivery.timeout.ms", idempotent ? "120000" : "8000", "enable.idempotence", Boolean.toString(idempotent));
            if (!idempotent) {
                properties.put("retries", "0");
            }
            producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public void run() {
            try {
                // Where no producer is known Kafka takes any sequence for the first: one record comes before there are several
                // in flight, else a second one can overtake a first that was sent before the partition had a leader.
                for (Shard shard : shards) {
                    send(shard).get();
                }
                while (running) {
                    for (int burst = choices.nextInt(60); burst > 0 && running; burst--) {
                        send(shards[choices.nextInt(PARTITIONS)]);
                    }
                    TimeUnit.MILLISECONDS.sleep(choices.nextInt(100));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException e) {
                // Noted where it failed; the numbers that follow would not fit.
                running = false;
            }
            producer.close();
        }

        private Future<RecordMetadata> send(Shard shard) {
            long number = shard.next++;
            byte[] value = new byte[8 + choices.nextInt(1500)];
            choices.nextBytes(value);
            Arrays.fill(value, 8 + (value.length - 8) / 2, value.length, (byte) number);
            ByteBuffer.wrap(value).putLong(number);
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, shard.partition.partition(), null, value);
            return producer.send(record, (metadata, failure) -> {
                if (failure == null) {
                    shard.acknowledge(metadata.offset(), number);
                } else if (shard.unbroken) {
                    shard.undelivered = "record " + number + " was not delivered: " + failure;
                }
            });
        }
    }
}
