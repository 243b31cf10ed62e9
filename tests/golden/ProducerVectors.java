// Writes producer_histories.txt: random histories of producers in one partition, with what Apache Kafka's producer state
// says to each step. Compile and run with the jars of Apache Kafka 4.3 on the class path; the output is deterministic.
//
//   reset
//   data PID EPOCH SEQUENCE COUNT TRANSACTIONAL | ok, dup FIRST LAST TIMESTAMP, or an error code | UNSTABLE
//   marker PID EPOCH COORDINATOR COMMIT VERSION | ok, done FIRST STABLE, or an error code        | UNSTABLE
//   watermark OFFSET | ok | UNSTABLE
import java.nio.file.Files;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.*;

public class ProducerVectors {
    static ProducerStateManager producers;
    static long end;

    static int after(int sequence, int steps) {
        return (int) (((long) sequence + steps) & Integer.MAX_VALUE);
    }

    static String data(long pid, short epoch, int sequence, int count, boolean transactional) {
        int last = after(sequence, count - 1);
        Optional<ProducerStateEntry> known = producers.lastEntry(pid);
        if (known.isPresent() && known.get().producerEpoch() == epoch) {
            for (BatchMetadata batch : known.get().batchMetadata()) {
                if (batch.firstSeq() == sequence && batch.lastSeq() == last)
                    return "dup " + batch.firstOffset() + " " + batch.lastOffset() + " " + batch.timestamp();
            }
        }
        try {
            ProducerAppendInfo append = producers.prepareUpdate(pid, AppendOrigin.CLIENT);
            append.appendDataBatch(epoch, sequence, last, 1000 + end, new LogOffsetMetadata(end), end + count - 1, transactional);
            producers.update(append);
            end += count;
            producers.updateMapEndOffset(end);
            return "ok";
        } catch (Exception e) {
            return "" + Errors.forException(e).code();
        }
    }

    static String marker(long pid, short epoch, int coordinator, boolean commit, short version) {
        try {
            ProducerAppendInfo append = producers.prepareUpdate(pid, AppendOrigin.COORDINATOR);
            EndTransactionMarker value =
                new EndTransactionMarker(commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT, coordinator);
            Optional<CompletedTxn> completed = append.appendEndTxnMarker(value, epoch, end, 1000 + end, version);
            producers.update(append);
            String answer = "ok";
            if (completed.isPresent()) {
                answer = "done " + completed.get().firstOffset() + " " + producers.lastStableOffset(completed.get());
                producers.completeTxn(completed.get());
            }
            end += 1;
            producers.updateMapEndOffset(end);
            return answer;
        } catch (Exception e) {
            return "" + Errors.forException(e).code();
        }
    }

    static void print(String step, String answer) {
        long unstable = producers.firstUnstableOffset().map(o -> o.messageOffset).orElse(-1L);
        System.out.println(step + " | " + answer + " | " + unstable);
    }

    public static void main(String[] args) throws Exception {
        Random random = new Random(42);
        for (int history = 0; history < 60; history++) {
            producers = new ProducerStateManager(new TopicPartition("t", 0), Files.createTempDirectory("p").toFile(),
                60000, new ProducerStateManagerConfig(86400000, false), Time.SYSTEM);
            end = 0;
            System.out.println("reset");
            int[] next = new int[4];
            int[] epochs = new int[4];
            boolean[] open = new boolean[4];
            for (int i = 1; i < 4; i++) next[i] = random.nextInt(3) == 0 ? Integer.MAX_VALUE - random.nextInt(4) : 0;
            for (int step = 0; step < 60; step++) {
                int pid = 1 + random.nextInt(3);
                int kind = random.nextInt(10);
                if (kind < 6) {
                    if (random.nextInt(12) == 0) { epochs[pid]++; next[pid] = 0; }
                    int count = 1 + random.nextInt(3);
                    int sequence = next[pid];
                    if (random.nextInt(6) == 0) sequence = after(sequence, random.nextInt(9) - 5);
                    int epoch = random.nextInt(15) == 0 ? epochs[pid] - 1 : epochs[pid];
                    boolean transactional = random.nextInt(12) == 0 ? !open[pid] : open[pid] || random.nextInt(4) == 0;
                    String answer = data(pid, (short) epoch, sequence, count, transactional);
                    if (answer.equals("ok")) { next[pid] = after(sequence, count); open[pid] = transactional; }
                    print("data " + pid + " " + epoch + " " + sequence + " " + count + " " + (transactional ? 1 : 0), answer);
                } else if (kind < 9) {
                    short version = (short) (random.nextBoolean() ? 2 : 1);
                    int epoch = epochs[pid] + random.nextInt(4) - 1;
                    int coordinator = random.nextInt(3);
                    boolean commit = random.nextBoolean();
                    String answer = marker(pid, (short) epoch, coordinator, commit, version);
                    if (answer.startsWith("ok") || answer.startsWith("done")) {
                        if (epoch != epochs[pid]) next[pid] = 0;
                        epochs[pid] = epoch;
                        open[pid] = false;
                    }
                    print("marker " + pid + " " + epoch + " " + coordinator + " " + (commit ? 1 : 0) + " " + version, answer);
                } else {
                    long watermark = Math.max(0, end - random.nextInt(6));
                    producers.onHighWatermarkUpdated(watermark);
                    print("watermark " + watermark, "ok");
                }
            }
        }
    }
}
