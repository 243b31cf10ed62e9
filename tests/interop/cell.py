"""A node's directories, servers of either kind on them, and a Java program that is told line by line what to do."""

import os
import shutil
import subprocess
import tempfile

from servers import Apache, Server, free_port, write_config

DIRECTORIES = ("first", "second")


def run_alone(name, parser, work):
    """The main of one test. `work(arguments, apache, folder)` gives what is to be told, or raises; the exit status."""
    parser.add_argument("--binary", required=True)
    parser.add_argument("--jars", required=True)
    parser.add_argument("--classes", required=True)
    parser.add_argument("--keep", action="store_true", help="leave the folder and print its name")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix=f"highwater-{name}-")
    try:
        print(f"ok   {work(arguments, Apache(arguments.jars, arguments.classes), folder)}")
        return 0
    except (RuntimeError, subprocess.SubprocessError, OSError) as problem:
        print(f"FAIL {problem}")
        return 1
    finally:
        if arguments.keep:
            print(f"left in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


class Conversation:
    """A Java class that answers each line with a line: `ok ...`, or `FAIL why`, which is raised."""

    def __init__(self, apache, log_path, *command):
        self.name = command[0]
        self.log = open(log_path, "ab")
        self.process = subprocess.Popen(apache.java + [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.log, text=True)
        self.answer()

    def answer(self):
        line = self.process.stdout.readline().strip()
        if not line.startswith("ok"):
            raise RuntimeError(f"{self.name}: {line or 'it ended'}")
        return line[3:]

    def __call__(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


class Cell:
    """Two log directories below `root`; the configuration is good for both servers."""

    def __init__(self, binary, apache, folder, settings):
        self.binary, self.apache, self.folder, self.settings = os.path.abspath(binary), apache, folder, settings
        self.port, self.controller_port = free_port(), free_port()
        self.root = os.path.join(folder, "real")
        self.config = self.configure(self.root, self.port, self.controller_port)

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    def log_path(self, kind):
        return os.path.join(self.folder, f"{kind}.log")

    def configure(self, root, port, controller_port):
        path = root + ".properties"
        write_config(path, [os.path.join(root, name) for name in DIRECTORIES], port, controller_port, self.settings)
        return path

    def start(self, kind):
        if kind == "apache":
            return self.apache.start(self.folder, self.config, self.port)
        return Server([self.binary, "server", self.config], self.port, self.log_path(kind), 30)

    def serve(self, kind, work):
        """A server from its start to its clean stop; `work` gets a BothWays program that talks to it."""
        server = self.start(kind)
        program = Conversation(self.apache, self.log_path("client"), "BothWays", self.bootstrap)
        try:
            result = work(program)
            server.stop()
            return result
        finally:
            program.close()
            server.kill()

    def each_on_its_own(self, work):
        """What `work` gives with our node on the directories, and with Apache's on a copy, whose path comes third. Both see
        the same paths."""
        theirs, ours = self.copy("theirs"), os.path.join(self.folder, "ours")
        our_result = self.serve("highwater", lambda program: work(program, "highwater"))
        os.rename(self.root, ours)
        os.rename(theirs, self.root)
        try:
            their_result = self.serve("apache", lambda program: work(program, "apache"))
        finally:
            os.rename(self.root, theirs)
            os.rename(ours, self.root)
        return our_result, their_result, theirs

    def copy(self, name):
        root = os.path.join(self.folder, name)
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.root, root)
        return root
