// Writes record_batches.txt: what Apache Kafka's own classes build, and what they say to good and bad batches.
// Compile and run with the jars of Apache Kafka 4.3 on the class path; the output is deterministic.
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.Crc32C;
import org.apache.kafka.common.utils.PrimitiveRef;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogValidator;
import org.apache.kafka.storage.internals.log.RecordValidationException;

public class RecordVectors {
    static final long NOW = 1_700_000_000_000L;
    static final TopicPartition PARTITION = new TopicPartition("t", 0);

    static Time time() {
        return (Time) Proxy.newProxyInstance(RecordVectors.class.getClassLoader(), new Class<?>[] {Time.class},
            (proxy, method, args) -> method.getReturnType() == long.class ? (Object) NOW : null);
    }

    static LogValidator.MetricsRecorder metrics() {
        return (LogValidator.MetricsRecorder) Proxy.newProxyInstance(RecordVectors.class.getClassLoader(),
            new Class<?>[] {LogValidator.MetricsRecorder.class}, (proxy, method, args) -> null);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // Record i: every third has no key, every fifth no value, every second a header, every fourth two of which one null.
    static SimpleRecord record(int i, long timestamp) {
        List<Header> headers = new ArrayList<>();
        if (i % 2 == 0) headers.add(new RecordHeader("h" + i, bytes("x" + i)));
        if (i % 4 == 0) headers.add(new RecordHeader("empty", (byte[]) null));
        return new SimpleRecord(timestamp, i % 3 == 0 ? null : bytes("key-" + i),
            i % 5 == 4 ? null : bytes("value-" + i + "-" + "abc".repeat(i)), headers.toArray(new Header[0]));
    }

    static MemoryRecords build(Compression compression, TimestampType type, long logAppendTime, int count, long pid,
                               short epoch, int sequence, boolean transactional) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
        MemoryRecordsBuilder builder = MemoryRecords.builder(buffer, RecordBatch.MAGIC_VALUE_V2, compression, type, 0L,
            logAppendTime, pid, epoch, sequence, transactional, -1);
        for (int i = 0; i < count; i++) builder.append(record(i, NOW - 1000 + 7L * i - (i % 4) * 20L));
        return builder.build();
    }

    static byte[] raw(MemoryRecords records) {
        ByteBuffer buffer = records.buffer().duplicate();
        byte[] out = new byte[buffer.remaining()];
        buffer.get(out);
        return out;
    }

    static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) text.append(String.format("%02x", b));
        return text.length() == 0 ? "-" : text.toString();
    }

    static Compression[] codecs() {
        return new Compression[] {Compression.NONE, Compression.gzip().build(), Compression.snappy().build(),
            Compression.lz4().build(), Compression.zstd().build()};
    }

    static void batch(String name, byte[] bytes) {
        System.out.println("batch " + name + " " + hex(bytes));
    }

    static class Rules {
        short version = 13;
        boolean compact = false;
        TimestampType type = TimestampType.CREATE_TIME;
        long before = Long.MAX_VALUE;
        long after = 3_600_000L;
        Compression target = null;
        int maxSize = 1_048_588;
    }

    // The order of checks of a leader: the request, the log's analysis, the validator.
    static void validate(String name, byte[] input, Consumer<Rules> change) {
        Rules rules = new Rules();
        change.accept(rules);
        String code;
        byte[] output = new byte[0];
        try {
            MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(input.clone()));
            ProduceRequest.validateRecords(rules.version, records);
            CompressionType source = CompressionType.NONE;
            int valid = 0;
            for (MutableRecordBatch batch : records.batches()) {
                if (batch.baseOffset() != 0) throw new org.apache.kafka.common.InvalidRecordException("base offset");
                if (batch.sizeInBytes() > rules.maxSize) throw new org.apache.kafka.common.errors.RecordTooLargeException();
                if (!batch.isValid()) throw new org.apache.kafka.common.errors.CorruptRecordException("crc");
                valid += batch.sizeInBytes();
                CompressionType used = CompressionType.forId(batch.compressionType().id);
                if (used != CompressionType.NONE) source = used;
            }
            ByteBuffer trimmed = ByteBuffer.wrap(input.clone(), 0, valid).slice();
            Compression target = rules.target != null ? rules.target : Compression.of(source).build();
            LogValidator validator = new LogValidator(MemoryRecords.readableRecords(trimmed), PARTITION, time(), source,
                target, rules.compact, RecordBatch.MAGIC_VALUE_V2, rules.type, rules.before, rules.after, 7,
                AppendOrigin.CLIENT);
            LogValidator.ValidationResult result = validator.validateMessagesAndAssignOffsets(
                PrimitiveRef.ofLong(100), metrics(), BufferSupplier.create());
            output = raw(result.validatedRecords());
            code = "0";
        } catch (Throwable thrown) {
            // The broker answers with what is inside (ReplicaManager.processFailedRecord).
            Throwable e = thrown instanceof RecordValidationException r ? r.invalidException() : thrown;
            code = "" + Errors.forException(e).code();
        }
        System.out.println("validate " + name + " version=" + rules.version + " compact=" + (rules.compact ? 1 : 0)
            + " append_time=" + (rules.type == TimestampType.LOG_APPEND_TIME ? 1 : 0) + " before=" + rules.before + " after="
            + rules.after + " target=" + (rules.target == null ? -1 : rules.target.type().id) + " max=" + rules.maxSize
            + " " + code + " " + hex(input) + " " + hex(output));
    }

    static byte[] sealed(byte[] batch, Consumer<ByteBuffer> change) {
        byte[] copy = batch.clone();
        ByteBuffer buffer = ByteBuffer.wrap(copy);
        change.accept(buffer);
        buffer.putInt(17, (int) Crc32C.compute(copy, 21, copy.length - 21));
        return copy;
    }

    // A batch whose records are exactly these bytes, with the given codec bits.
    static byte[] around(int codec, int count, byte[] records) {
        ByteBuffer buffer = ByteBuffer.allocate(61 + records.length);
        buffer.putInt(8, 49 + records.length).put(16, (byte) 2).putShort(21, (short) codec).putInt(23, count - 1);
        buffer.putLong(27, NOW).putLong(35, NOW).putLong(43, -1).putShort(51, (short) -1).putInt(53, -1).putInt(57, count);
        buffer.position(61);
        buffer.put(records);
        return sealed(buffer.array(), b -> { });
    }

    static byte[] compressed(Compression compression, byte[] records) throws Exception {
        org.apache.kafka.common.utils.ByteBufferOutputStream out =
            new org.apache.kafka.common.utils.ByteBufferOutputStream(1 << 16);
        try (java.io.OutputStream stream = compression.wrapForOutput(out, RecordBatch.MAGIC_VALUE_V2)) {
            stream.write(records);
        }
        ByteBuffer buffer = out.buffer();
        buffer.flip();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    static byte[] join(byte[]... parts) {
        int size = 0;
        for (byte[] part : parts) size += part.length;
        ByteBuffer all = ByteBuffer.allocate(size);
        for (byte[] part : parts) all.put(part);
        return all.array();
    }

    static byte[] of(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) bytes[i] = (byte) values[i];
        return bytes;
    }

    static void batches() {
        for (Compression compression : codecs()) {
            String codec = compression.type().name;
            batch("plain-" + codec, raw(build(compression, TimestampType.CREATE_TIME, -1, 40, -1, (short) -1, -1, false)));
            batch("idempotent-" + codec, raw(build(compression, TimestampType.CREATE_TIME, -1, 3, 4242, (short) 3, Integer.MAX_VALUE - 1, false)));
            batch("transactional-" + codec, raw(build(compression, TimestampType.CREATE_TIME, -1, 3, 4243, (short) 1, 0, true)));
            batch("stamped-" + codec, raw(build(compression, TimestampType.LOG_APPEND_TIME, NOW + 5, 3, -1, (short) -1, -1, false)));
        }
        batch("commit", raw(MemoryRecords.withEndTransactionMarker(77, NOW, 5, 4242, (short) 3,
            new EndTransactionMarker(ControlRecordType.COMMIT, 9))));
        batch("abort", raw(MemoryRecords.withEndTransactionMarker(77, NOW, 5, 4242, (short) 3,
            new EndTransactionMarker(ControlRecordType.ABORT, 9))));
        ByteBuffer empty = ByteBuffer.allocate(61);
        DefaultRecordBatch.writeEmptyHeader(empty, (byte) 2, 4242, (short) 3, 10, 50, 59, 5, TimestampType.CREATE_TIME, NOW, false, false);
        batch("emptied", empty.array());
    }

    // Message sets as brokers before 0.11 kept them: records without headers from offset 50.
    static void legacy() {
        for (byte magic = 0; magic < 2; magic++) {
            for (Compression compression : codecs()) {
                if (compression.type() == CompressionType.ZSTD) continue;
                for (TimestampType type : new TimestampType[] {TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME}) {
                    if (magic == 0 && type == TimestampType.LOG_APPEND_TIME) continue;
                    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
                    MemoryRecordsBuilder builder = MemoryRecords.builder(buffer, magic, compression, type, 50L, NOW + 5);
                    for (int i = 0; i < 6; i++) {
                        SimpleRecord plain = record(i, NOW - 1000 + 7L * i - (i % 4) * 20L);
                        builder.append(magic == 0 ? RecordBatch.NO_TIMESTAMP : plain.timestamp(), plain.key(), plain.value());
                    }
                    System.out.println("legacy magic-" + magic + "-" + compression.type().name
                        + (type == TimestampType.LOG_APPEND_TIME ? "-stamped " : " ") + hex(raw(builder.build())));
                }
            }
        }
    }

    static void headerFaults(byte[] plain) {
        validate("nothing", new byte[0], r -> { });
        validate("eleven-bytes", new byte[11], r -> { });
        validate("header-cut", java.util.Arrays.copyOf(plain, 60), r -> { });
        validate("cut-in-records", java.util.Arrays.copyOf(plain, plain.length - 1), r -> { });
        for (int length : new int[] {-1, 0, 13, 15, 48, plain.length - 13, plain.length - 11, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            byte[] copy = plain.clone();
            ByteBuffer.wrap(copy).putInt(8, length);
            validate("length-" + length, copy, r -> { });
        }
        for (int magic : new int[] {0, 1, 3, 127, -1}) {
            byte[] copy = plain.clone();
            copy[16] = (byte) magic;
            validate("magic-" + magic, copy, r -> { });
        }
        byte[] badCrc = plain.clone();
        badCrc[20] ^= 1;
        validate("crc", badCrc, r -> { });
        byte[] badByte = plain.clone();
        badByte[plain.length - 1] ^= 1;
        validate("crc-of-records", badByte, r -> { });
        validate("two-batches", join(plain, plain), r -> { });
        validate("one-and-a-half", join(plain, java.util.Arrays.copyOf(plain, 70)), r -> { });
        validate("one-and-zeros", join(plain, new byte[40]), r -> { });
        validate("one-and-few-zeros", join(plain, new byte[11]), r -> { });
        validate("base-offset-1", sealed(plain, b -> b.putLong(0, 1)), r -> { });
        for (int count : new int[] {-1, 0, 1, 2, 4, Integer.MAX_VALUE, Integer.MIN_VALUE})
            validate("count-" + count, sealed(plain, b -> b.putInt(57, count)), r -> { });
        for (int delta : new int[] {-1, 0, 1, 3, Integer.MAX_VALUE, Integer.MIN_VALUE})
            validate("last-offset-delta-" + delta, sealed(plain, b -> b.putInt(23, delta)), r -> { });
        validate("count-2-delta-1", sealed(plain, b -> b.putInt(57, 2).putInt(23, 1)), r -> { });
        validate("count-4-delta-3", sealed(plain, b -> b.putInt(57, 4).putInt(23, 3)), r -> { });
        for (int bits : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 48, 64, 128, 256, 32767})
            validate("attributes-" + bits, sealed(plain, b -> b.putShort(21, (short) bits)), r -> { });
        validate("pid-without-sequence", sealed(plain, b -> b.putLong(43, 5).putShort(51, (short) 0)), r -> { });
        validate("pid-sequence-minus-2", sealed(plain, b -> b.putLong(43, 5).putShort(51, (short) 0).putInt(53, -2)), r -> { });
        validate("pid-without-epoch", sealed(plain, b -> b.putLong(43, 5).putInt(53, 0)), r -> { });
        validate("pid-good", sealed(plain, b -> b.putLong(43, 5).putShort(51, (short) 0).putInt(53, 0)), r -> { });
        validate("max-timestamp-wrong", sealed(plain, b -> b.putLong(35, 1)), r -> { });
        validate("max-timestamp-none", sealed(plain, b -> b.putLong(35, -1)), r -> { });
        validate("size-at-limit", plain, r -> r.maxSize = plain.length);
        validate("size-over-limit", plain, r -> r.maxSize = plain.length - 1);
    }

    static void topicRules() {
        for (Compression compression : codecs()) {
            String codec = compression.type().name;
            byte[] batch = raw(build(compression, TimestampType.CREATE_TIME, -1, 10, 5, (short) 1, 0, false));
            byte[] stamped = raw(build(compression, TimestampType.LOG_APPEND_TIME, NOW - 9, 3, -1, (short) -1, -1, false));
            validate(codec + "-good", batch, r -> { });
            validate(codec + "-v3", batch, r -> r.version = 3);
            validate(codec + "-v6", batch, r -> r.version = 6);
            validate(codec + "-compacted-null-key", batch, r -> r.compact = true);
            validate(codec + "-log-append-time", batch, r -> r.type = TimestampType.LOG_APPEND_TIME);
            validate(codec + "-stamped-by-producer", stamped, r -> { });
            validate(codec + "-stamped-to-append-time", stamped, r -> r.type = TimestampType.LOG_APPEND_TIME);
            validate(codec + "-too-old", batch, r -> r.before = 990);
            validate(codec + "-old-enough", batch, r -> r.before = 1100);
            validate(codec + "-null-key-and-too-old", batch, r -> { r.compact = true; r.before = 990; });
            for (long base : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, -1, -2, 0, NOW + 3_600_000, NOW + 3_600_001})
                validate(codec + "-base-time-" + base, sealed(batch, b -> b.putLong(27, base)), r -> { });
            for (Compression target : codecs())
                validate(codec + "-to-" + target.type().name, batch, r -> r.target = target);
            validate(codec + "-to-none-append-time", batch, r -> { r.target = Compression.NONE; r.type = TimestampType.LOG_APPEND_TIME; });
            validate(codec + "-cut", sealed(java.util.Arrays.copyOf(batch, batch.length - 3), b -> b.putInt(8, b.capacity() - 12)), r -> { });
            validate(codec + "-one-byte-more", sealed(java.util.Arrays.copyOf(batch, batch.length + 1), b -> b.putInt(8, b.capacity() - 12)), r -> { });
            validate(codec + "-no-records-bytes", sealed(java.util.Arrays.copyOf(batch, 61), b -> b.putInt(8, 49)), r -> { });
            validate(codec + "-first-byte", sealed(batch, b -> b.put(61, (byte) (b.get(61) ^ 0x55))), r -> { });
        }
    }

    static void recordFaults() throws Exception {
        byte[] good = of(12, 0, 0, 0, 1, 1, 0);  // 6 bytes: null key, null value, no headers
        Object[][] faults = {
            {"smallest", good, 1},
            {"twice", join(good, of(12, 0, 0, 2, 1, 1, 0)), 2},
            {"inner-offset-gap", join(good, of(12, 0, 0, 4, 1, 1, 0)), 2},
            {"inner-offset-repeated", join(good, good), 2},
            {"record-attributes", of(12, 0x7f, 0, 0, 1, 1, 0), 1},
            {"length-over-batch", of(100, 0, 0, 0, 1, 1, 0), 1},
            {"length-short", of(10, 0, 0, 0, 1, 1, 0), 1},
            {"length-negative", of(1, 0, 0, 0, 1, 1, 0), 1},
            {"key-length-minus-2", of(12, 0, 0, 0, 3, 1, 0), 1},
            {"value-length-minus-2", of(12, 0, 0, 0, 1, 3, 0), 1},
            {"key-over-record", of(14, 0, 0, 0, 20, 1, 0, 0), 1},
            {"value-over-record", of(14, 0, 0, 0, 1, 40, 0, 0), 1},
            {"header-count-minus-1", of(12, 0, 0, 0, 1, 1, 1), 1},
            {"header-count-huge", of(20, 0, 0, 0, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f), 1},
            {"header-count-5", of(12, 0, 0, 0, 1, 1, 10), 1},
            {"header-null-key", of(16, 0, 0, 0, 1, 1, 2, 1, 0), 1},
            {"header-null-value", of(18, 0, 0, 0, 1, 1, 2, 2, 'a', 1), 1},
            {"header-value-minus-2", of(18, 0, 0, 0, 1, 1, 2, 2, 'a', 3), 1},
            {"varint-too-long", of(24, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0), 1},
            {"varlong-too-long", of(40, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 1, 1, 0, 0, 0, 0), 1},
            {"bytes-after", join(good, of(0)), 1},
            {"one-missing", good, 2},
        };
        for (Object[] fault : faults) {
            byte[] records = (byte[]) fault[1];
            for (Compression compression : codecs()) {
                byte[] body = compression.type() == CompressionType.NONE ? records : compressed(compression, records);
                validate(compression.type().name + "-record-" + fault[0], around(compression.type().id, (Integer) fault[2], body), r -> { });
            }
        }
    }

    static void codecFaults() {
        validate("snappy-declares-2-gib", around(2, 1, of(0x80, 0x80, 0x80, 0x80, 8, 0, 'x')), r -> { });
        validate("snappy-empty", around(2, 1, of()), r -> { });
        byte[] xerial = of(0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1);
        validate("xerial-chunk-minus-1", around(2, 1, join(xerial, of(0xff, 0xff, 0xff, 0xff))), r -> { });
        validate("xerial-chunk-over-rest", around(2, 1, join(xerial, of(0, 0, 0, 99, 1, 0, 'x'))), r -> { });
        validate("xerial-header-only", around(2, 1, xerial), r -> { });
        validate("raw-snappy", around(2, 1, of(7, 6 << 2, 12, 0, 0, 0, 1, 1, 0)), r -> { });
        validate("lz4-header-checksum", around(3, 1, of(4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x83, 0, 0, 0, 0)), r -> { });
        validate("lz4-empty-frame", around(3, 1, of(4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0)), r -> { });
        validate("lz4-no-frame", around(3, 1, of(1, 2, 3)), r -> { });
        validate("zstd-window-log-31", around(4, 1, of(0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 1, 0, 0)), r -> { });
        validate("zstd-dictionary", around(4, 1, of(0x28, 0xb5, 0x2f, 0xfd, 1, 0, 7, 1, 0, 0)), r -> { });
        validate("zstd-garbage", around(4, 1, of(1, 2, 3, 4, 5, 6, 7, 8)), r -> { });
        validate("gzip-garbage", around(1, 1, of(1, 2, 3, 4, 5, 6, 7, 8)), r -> { });
        for (int codec = 5; codec < 8; codec++) {
            validate("codec-" + codec, around(codec, 1, of(12, 0, 0, 0, 1, 1, 0)), r -> { });
            validate("codec-" + codec + "-v6", around(codec, 1, of(12, 0, 0, 0, 1, 1, 0)), r -> r.version = 6);
        }
    }

    public static void main(String[] args) throws Exception {
        batches();
        legacy();
        headerFaults(raw(build(Compression.NONE, TimestampType.CREATE_TIME, -1, 3, -1, (short) -1, -1, false)));
        topicRules();
        recordFaults();
        codecFaults();
    }
}
