"""Server processes of tests and benchmarks: ours, and Apache Kafka from its published jars, on the same directories."""

import os
import signal
import socket
import subprocess
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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


class Server:
    """A running server process with its log file. Stopped by the process id that was started here."""

    def __init__(self, command, port, log_path, ready_seconds, environment=None):
        self.port = port
        self.log_path = log_path
        self.log = open(log_path, "ab")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, env=environment)
        try:
            wait_for_port(port, self.process, ready_seconds)
        except RuntimeError:
            self.kill()
            raise

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    def stop(self, seconds=60):
        """SIGTERM, and the exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds)
        finally:
            self.kill()
        return status

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


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
        return Server([self.binary, "server", self.config], self.port, os.path.join(self.folder, "highwater.log"), 20)


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
