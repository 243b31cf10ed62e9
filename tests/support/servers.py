"""Server processes of tests and benchmarks: ours, and Apache Kafka from its published jars, on the same directories."""

import os
import random
import signal
import socket
import subprocess
import time

from waiting import PATIENCE


def free_port():
    """Below the ports that the system gives to connections going out, so that none takes it before a server does."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        first_given = int(file.read().split()[0])
    while True:
        port = random.randrange(min(10_000, first_given - 1), first_given)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def write_config(path, data_dirs, port, controller_port, extra=None):
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": ",".join(data_dirs),
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
    }
    settings.update(extra or {})
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{key}={value}\n" for key, value in settings.items())


def wait_for_port(port, process, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode} before it listened")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port} after {seconds} s")


class Process:
    """A process that was started here, and the log that it writes. Ended by its own id."""

    def __init__(self, command, log_path, environment=None):
        self.begun = time.monotonic()
        self.log_path = log_path
        with open(log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)

    @property
    def output(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    @property
    def lines(self):
        return self.output.splitlines()

    def send(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=PATIENCE):
        """The exit status."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"the process still runs after {seconds} s:\n{self.output[-10_000:]}") from None
        finally:
            self.kill()

    def stop(self, number=signal.SIGTERM):
        """The exit status after this signal."""
        self.send(number)
        return self.wait()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Server(Process):
    """A process that listens on a port it was told; there when the constructor returns."""

    def __init__(self, command, port, log_path, ready_seconds=PATIENCE, environment=None):
        super().__init__(command, log_path, environment)
        self.port = port
        try:
            wait_for_port(port, self.process, ready_seconds)
        except RuntimeError:
            self.kill()
            raise

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"


def format_directories(binary, config):
    """Formats what `config` names with a fresh cluster id."""
    cluster = subprocess.run([binary, "format", "--random-uuid"], check=True, capture_output=True, text=True).stdout.strip()
    subprocess.run([binary, "format", "-t", cluster, "-c", config, "--standalone"], check=True, capture_output=True)


class Highwater:
    def __init__(self, binary, folder, extra=None):
        self.binary = os.path.abspath(binary)
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.config = os.path.join(folder, "server.properties")
        self.port, self.controller_port = free_port(), free_port()
        self.extra = extra
        write_config(self.config, [self.data], self.port, self.controller_port, extra)

    def format(self):
        format_directories(self.binary, self.config)

    def start(self):
        return Server([self.binary, "server", self.config], self.port, os.path.join(self.folder, "highwater.log"))


class Apache:
    """Java classes from the jars: the tools, and the server on a directory that the other server left."""

    def __init__(self, jars, classes, flags=()):
        self.jars, self.classes = jars, classes
        log4j = os.path.join(os.path.dirname(os.path.abspath(__file__)), "apache", "log4j2.yaml")
        self.java = ["java", "-Xmx1g", "-XX:+UseSerialGC", *flags, f"-Dlog4j2.configurationFile={log4j}",
                     "-cp", f"{classes}:{jars}/*"]

    def run(self, *args, timeout=120, **kwargs):
        return subprocess.run(self.java + list(args), capture_output=True, timeout=timeout, **kwargs)

    def start(self, folder, config, port):
        command = self.java[:1] + ["-Dkafka.log.level=INFO"] + self.java[1:] + ["kafka.Kafka", config]
        return Server(command, port, os.path.join(folder, "apache.log"), 180)
