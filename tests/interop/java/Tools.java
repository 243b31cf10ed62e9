import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.security.Permission;
import java.util.Arrays;
import java.util.Base64;

/**
 * Command lines of Apache's tools in one virtual machine. A line on stdin is a class and its arguments, each in base64,
 * separated by spaces; the answer is one line: exit status, stdout and stderr in base64. A tool that ends the process
 * ends only itself here; what it would print after that (its caller catches everything, say) is not kept.
 */
@SuppressWarnings("removal")
public final class Tools {
    private static final int OUTPUT_MAX = 16 << 20;

    private static final class Ended extends SecurityException {
        private static final long serialVersionUID = 1L;
    }

    /** Where the output of the tool that runs now goes. */
    private static final class Capture extends OutputStream {
        private ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private boolean open;

        @Override
        public synchronized void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] bytes, int from, int size) {
            if (open && kept.size() + size <= OUTPUT_MAX) {
                kept.write(bytes, from, size);
            }
        }

        synchronized void begin() {
            kept = new ByteArrayOutputStream();
            open = true;
        }

        synchronized void end() {
            open = false;
        }

        synchronized String text() {
            open = false;
            return Base64.getEncoder().encodeToString(kept.toByteArray());
        }
    }

    private static final Capture OUT = new Capture();
    private static final Capture ERR = new Capture();
    private static Integer status;

    private static final class Guard extends SecurityManager {
        @Override
        public void checkPermission(Permission permission) {
        }

        @Override
        public void checkPermission(Permission permission, Object context) {
        }

        @Override
        public void checkExit(int asked) {
            System.out.flush();
            System.err.flush();
            synchronized (OUT) {
                if (status == null) {
                    status = asked;
                }
            }
            OUT.end();
            ERR.end();
            throw new Ended();
        }
    }

    private Tools() {
    }

    private static void call(String[] command) throws ReflectiveOperationException {
        String[] arguments = Arrays.copyOfRange(command, 1, command.length);
        try {
            Class.forName(command[0]).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException problem) {
            if (!(problem.getCause() instanceof Ended)) {
                // As the virtual machine does when nobody catches.
                System.err.print("Exception in thread \"main\" ");
                problem.getCause().printStackTrace();
                ended(1);
            }
        }
        ended(0);
    }

    private static void ended(int with) {
        synchronized (OUT) {
            if (status == null) {
                status = with;
            }
        }
    }

    public static void main(String[] args) throws IOException, ReflectiveOperationException {
        PrintStream answers = System.out;
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.setSecurityManager(new Guard());
        System.setOut(new PrintStream(OUT, true));
        System.setErr(new PrintStream(ERR, true));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] command = Arrays.stream(line.split(" ", -1))
                .map(part -> new String(Base64.getDecoder().decode(part), StandardCharsets.UTF_8)).toArray(String[]::new);
            synchronized (OUT) {
                status = null;
            }
            OUT.begin();
            ERR.begin();
            call(command);
            System.out.flush();
            System.err.flush();
            answers.println(status + " " + OUT.text() + " " + ERR.text());
            answers.flush();
        }
        System.setSecurityManager(null);
        System.exit(0);
    }
}
