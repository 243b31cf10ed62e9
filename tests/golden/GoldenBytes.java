// Writes golden/*.txt: every message class of Apache Kafka, in every version and three variants, as hex.
// The values follow docs/formats/golden.md; the C++ side of the same rule is tests/golden/value_rule.h.

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

public final class GoldenBytes {
    private enum Variant { FILLED, EMPTY, NULL }

    /** What a value may be: some record fields have no null although their schema type says so. */
    private record Mode(Variant variant, short version, boolean nullRecords) {
        Mode withoutNullRecords() {
            return new Mode(variant, version, false);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path output = Path.of(arguments[0]);
        Map<String, List<String>> files = new TreeMap<>();
        for (Map.Entry<String, Class<?>> entry : messageClasses().entrySet()) {
            List<String> lines = files.computeIfAbsent(fileOf(entry.getValue()), name -> new ArrayList<>());
            describe(entry.getKey(), entry.getValue(), lines);
        }
        Files.createDirectories(output);
        int count = 0;
        for (Map.Entry<String, List<String>> file : files.entrySet()) {
            Files.writeString(output.resolve(file.getKey()), String.join("\n", file.getValue()) + "\n");
            count += file.getValue().size();
        }
        System.out.println(count + " golden messages");
    }

    private static void describe(String name, Class<?> type, List<String> lines) throws Exception {
        Schema[] schemas = (Schema[]) type.getField("SCHEMAS").get(null);
        for (short version = 0; version < schemas.length; version++) {
            if (schemas[version] == null) continue;
            for (Variant variant : Variant.values()) {
                byte[] bytes = encode(name, type, new Mode(variant, version, true));
                lines.add(name + " " + version + " " + variant.name().toLowerCase() + " " + hex(bytes));
            }
        }
    }

    private static String hex(byte[] bytes) {
        return bytes.length == 0 ? "-" : HexFormat.of().formatHex(bytes);
    }

    private static byte[] encode(String name, Class<?> type, Mode mode) throws Exception {
        try {
            return write((Message) build(name, type, mode), mode.version());
        } catch (NullPointerException error) {
            return write((Message) build(name, type, mode.withoutNullRecords()), mode.version());
        }
    }

    private static byte[] write(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        if (buffer.hasRemaining()) throw new IllegalStateException("size and bytes of " + message + " disagree");
        return buffer.array();
    }

    // ---- values ----

    private static Object build(String path, Class<?> type, Mode mode) throws Exception {
        Object value = type.getDeclaredConstructor().newInstance();
        if (mode.variant() == Variant.EMPTY) return value;
        Schema schema = ((Schema[]) type.getField("SCHEMAS").get(null))[mode.version()];
        for (BoundField bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                for (var field : tagged.fields().values()) set(path, value, field.name, field.type, mode);
            } else {
                set(path, value, bound.def.name, bound.def.type, mode);
            }
        }
        return value;
    }

    private static void set(String path, Object owner, String name, Type type, Mode mode) throws Exception {
        Field field = memberOf(owner.getClass(), name);
        field.setAccessible(true);
        String inner = path + "." + field.getName();
        Class<?> java = field.getType();
        if (mode.variant() == Variant.NULL) {
            boolean records = BaseRecords.class.isAssignableFrom(java);
            if (records) {
                field.set(owner, mode.nullRecords() ? null : MemoryRecords.EMPTY);
            } else if (type.isNullable()) {
                field.set(owner, null);
            } else if (Collection.class.isAssignableFrom(java)) {
                Class<?> element = elementOf(field);
                if (Message.class.isAssignableFrom(element)) addTo(field, owner, build(inner + "[0]", element, mode));
            } else if (Message.class.isAssignableFrom(java)) {
                field.set(owner, build(inner, java, mode));
            }
        } else if (Collection.class.isAssignableFrom(java)) {
            Class<?> element = elementOf(field);
            for (int index = 0; index < 2; index++) {
                addTo(field, owner, valueOf(inner + "[" + index + "]", element, type.arrayElementType().get(), mode));
            }
        } else if (java == boolean.class) {
            field.setBoolean(owner, !field.getBoolean(owner));
        } else {
            field.set(owner, valueOf(inner, java, type, mode));
        }
    }

    private static Object valueOf(String path, Class<?> java, Type type, Mode mode) throws Exception {
        long hash = hash(path);
        if (java == byte.class || java == Byte.class) return (byte) hash;
        if (java == short.class || java == Short.class) return (short) hash;
        if (java == int.class || java == Integer.class) return type == Type.UINT16 ? (int) (hash & 0xffff) : (int) hash;
        if (java == long.class || java == Long.class) return type == Type.UNSIGNED_INT32 ? hash & 0xffffffffL : hash;
        if (java == double.class) return (hash & 0xfffff) / 8.0;
        if (java == String.class) return text(hash);
        if (java == byte[].class) return bytes(hash);
        if (java == ByteBuffer.class) return ByteBuffer.wrap(bytes(hash));
        if (java == Uuid.class) return new Uuid(hash, hash(path + "#"));
        if (BaseRecords.class.isAssignableFrom(java)) return MemoryRecords.readableRecords(ByteBuffer.wrap(bytes(hash)));
        if (Message.class.isAssignableFrom(java)) return build(path, java, mode);
        throw new IllegalStateException("no rule for " + java + " at " + path);
    }

    private static String text(long hash) {
        return String.format("s%08x", hash & 0xffffffffL);
    }

    private static byte[] bytes(long hash) {
        return ByteBuffer.allocate(8).putLong(hash).array();
    }

    /** FNV-1a of the path's UTF-8 bytes, 64 bits. */
    private static long hash(String path) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        return hash;
    }

    // ---- reflection ----

    private static Field memberOf(Class<?> type, String schemaName) {
        String wanted = schemaName.replace("_", "").toLowerCase();
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) && field.getName().toLowerCase().equals(wanted)) return field;
        }
        throw new IllegalStateException(type + " has no field for " + schemaName);
    }

    private static Class<?> elementOf(Field field) {
        if (field.getGenericType() instanceof ParameterizedType list) return (Class<?>) list.getActualTypeArguments()[0];
        ParameterizedType base = (ParameterizedType) field.getType().getGenericSuperclass();
        return (Class<?>) base.getActualTypeArguments()[0];
    }

    @SuppressWarnings("unchecked")
    private static void addTo(Field field, Object owner, Object element) throws Exception {
        Collection<Object> list = (Collection<Object>) field.get(owner);
        boolean isList = field.getType() == List.class;
        if (list == null || isList && !(list instanceof ArrayList) || isList && list.isEmpty()) {
            list = isList ? new ArrayList<>() : (Collection<Object>) field.getType().getDeclaredConstructor().newInstance();
            field.set(owner, list);
        }
        if (!list.add(element)) throw new IllegalStateException("element refused by " + field);
    }

    private static Map<String, Class<?>> messageClasses() throws IOException, ClassNotFoundException {
        Map<String, Class<?>> found = new TreeMap<>();
        for (String jar : System.getProperty("java.class.path").split(":")) {
            if (!Path.of(jar).getFileName().toString().startsWith("kafka") || jar.contains("kafka-streams")) continue;
            try (JarFile file = new JarFile(jar)) {
                for (JarEntry entry : (Iterable<JarEntry>) () -> file.entries().asIterator()) {
                    String name = entry.getName();
                    boolean generated = name.contains("/common/message/") || name.contains("/common/metadata/")
                        || name.contains("/generated/");
                    if (!generated || !name.endsWith(".class") || name.contains("$")) continue;
                    Class<?> type = Class.forName(name.substring(0, name.length() - 6).replace('/', '.'));
                    if (type.isInterface() || !Message.class.isAssignableFrom(type)) continue;
                    found.put(messageName(type), type);
                }
            }
        }
        return found;
    }

    /** Kafka's own name: the classes of requests, responses and headers have "Data" behind it. */
    private static String messageName(Class<?> type) {
        return type.getSimpleName().replaceFirst("(Request|Response|Header)Data$", "$1");
    }

    private static String fileOf(Class<?> type) {
        String name = messageName(type);
        if (name.endsWith("Request")) return "requests.txt";
        if (name.endsWith("Response")) return "responses.txt";
        String place = type.getName();
        if (place.contains(".common.metadata.")) return "metadata.txt";
        return place.contains(".coordinator.") ? "coordinator.txt" : "other.txt";
    }
}
