// Apache's Java client, one source for the newest and for the 2.8 line. ../contract.py describes what it speaks.

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Main {
  static final int RECORDS = 1000;
  static final long SETTLE_MS_MAX = 10_000;
  static final String CREATED_RETENTION = "86400000";
  static final String ALTERED_RETENTION = "3600000";
  static final String[] VARIANTS = {"none", "gzip", "snappy", "lz4", "zstd", "idempotent"};
  static String bootstrap;
  static String prefix;

  interface Cell {
    String run() throws Exception;
  }

  static byte[] key(int index) {
    return String.format("key-%04d", index).getBytes(StandardCharsets.UTF_8);
  }

  static byte[] value(int index) {
    return (String.format("value-%04d-", index) + "x".repeat(index % 100)).getBytes(StandardCharsets.UTF_8);
  }

  static Properties properties() {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    return properties;
  }

  static void require(boolean condition, String why) {
    if (!condition) {
      throw new IllegalStateException(why);
    }
  }

  /** Waits for what a broker may learn a moment after the controller has answered, as Apache's does. */
  static void until(Callable<Object> look, Object wanted, String what) throws Exception {
    long deadline = System.currentTimeMillis() + SETTLE_MS_MAX;
    while (true) {
      Object found;
      try {
        found = look.call();
      } catch (java.util.concurrent.ExecutionException problem) {
        found = problem.getCause();
      }
      if (wanted.equals(found)) {
        return;
      }
      require(System.currentTimeMillis() < deadline, what + ": " + found + " instead of " + wanted);
      Thread.sleep(50);
    }
  }

  static String produce() throws Exception {
    for (String variant : VARIANTS) {
      boolean idempotent = variant.equals("idempotent");
      Properties properties = properties();
      properties.put("enable.idempotence", String.valueOf(idempotent));
      properties.put("acks", "all");
      properties.put("linger.ms", "5");
      properties.put("compression.type", idempotent ? "lz4" : variant);
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      try (var producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
        for (int index = 0; index < RECORDS; ++index) {
          var record = new ProducerRecord<>(prefix + "-" + variant, 0, key(index), value(index));
          record.headers().add("index", String.valueOf(index).getBytes(StandardCharsets.UTF_8));
          record.headers().add("kind", "interop".getBytes(StandardCharsets.UTF_8));
          sent.add(producer.send(record));
        }
      }
      for (int index = 0; index < RECORDS; ++index) {
        require(sent.get(index).get().offset() == index, variant + ": offset of record " + index);
      }
    }
    return String.join(", ", VARIANTS);
  }

  static String consume() {
    for (String variant : VARIANTS) {
      TopicPartition partition = new TopicPartition(prefix + "-" + variant, 0);
      try (var consumer = new KafkaConsumer<>(properties(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long deadline = System.currentTimeMillis() + 20_000;
        int index = 0;
        while (index < RECORDS) {
          require(System.currentTimeMillis() < deadline, partition + ": " + index + " records");
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
            check(record, index++);
          }
        }
        require(consumer.endOffsets(List.of(partition)).get(partition) == RECORDS, partition + ": end offset");
      }
    }
    return "assign";
  }

  static void check(ConsumerRecord<byte[], byte[]> record, int index) {
    Map<String, String> headers = new HashMap<>();
    for (Header header : record.headers()) {
      headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
    }
    boolean same = record.offset() == index && java.util.Arrays.equals(record.key(), key(index))
        && java.util.Arrays.equals(record.value(), value(index))
        && headers.equals(Map.of("index", String.valueOf(index), "kind", "interop"));
    require(same, record.topic() + " record " + index + " differs: " + record);
  }

  /** The 4.x line has no all(), the 2.x line no allTopicNames(). */
  @SuppressWarnings("unchecked")
  static TopicDescription describe(Admin admin, String topic) throws Exception {
    DescribeTopicsResult result = admin.describeTopics(List.of(topic));
    java.lang.reflect.Method method;
    try {
      method = DescribeTopicsResult.class.getMethod("allTopicNames");
    } catch (NoSuchMethodException old) {
      method = DescribeTopicsResult.class.getMethod("all");
    }
    return ((KafkaFuture<Map<String, TopicDescription>>) method.invoke(result)).get().get(topic);
  }

  static String admin() throws Exception {
    String topic = prefix + "-admin";
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try (Admin admin = Admin.create(properties())) {
      NewTopic created = new NewTopic(topic, 2, (short) 1).configs(Map.of("retention.ms", CREATED_RETENTION));
      admin.createTopics(List.of(created)).all().get();
      Callable<Object> partitions = () -> describe(admin, topic).partitions().size();
      Callable<Object> retention =
          () -> admin.describeConfigs(List.of(resource)).all().get().get(resource).get("retention.ms").value();
      until(partitions, 2, "partitions");
      until(retention, CREATED_RETENTION, "retention.ms");
      AlterConfigOp change = new AlterConfigOp(new ConfigEntry("retention.ms", ALTERED_RETENTION), AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
      until(retention, ALTERED_RETENTION, "retention.ms");
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all().get();
      until(partitions, 4, "partitions");
      TopicPartition first = new TopicPartition(prefix + "-none", 0);
      var deleted = admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(10)));
      long low = deleted.lowWatermarks().get(first).get().lowWatermark();
      require(low == 10, "low watermark " + low);
      admin.deleteTopics(Collections.singletonList(topic)).all().get();
      until(() -> admin.listTopics().names().get().contains(topic), false, "listed after delete");
    }
    return "create, describe, configs, alter, partitions, delete records, delete";
  }

  static void run(String name, Cell cell) {
    boolean ok = true;
    String detail;
    try {
      detail = cell.run();
    } catch (Exception problem) {
      ok = false;
      detail = String.valueOf(problem).replace("\\", "/").replace("\"", "'").replace("\n", " ");
    }
    String variants = ok && name.equals("produce") ? "\"" + String.join("\", \"", VARIANTS) + "\"" : "";
    System.out.println("{\"cell\": \"" + name + "\", \"ok\": " + ok + ", \"detail\": \"" + detail + "\", \"variants\": ["
        + variants + "]}");
  }

  public static void main(String[] arguments) {
    bootstrap = arguments[0];
    prefix = arguments[1];
    run("produce", Main::produce);
    run("consume", Main::consume);
    run("admin", Main::admin);
  }
}
