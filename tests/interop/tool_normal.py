"""What tools print, without what differs from node to node and from run to run: ids, times, ports, places, speeds."""

import json
import re

TIMES = [
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.,]\d+Z?"), "TIME"),
    (re.compile(r"\b1[789]\d{11}\b"), "TIME"),  # milliseconds since 2023
    (re.compile(r"\b\d+ ms ago\b *"), "AGO"),
]
# A UUID as Kafka prints it; not the name of an API or of a field.
ID = re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z0-9])[\w-]{22}(?![\w-]|\(|\":)")
# Which thread completes a future decides what stands in a trace.
FRAME = re.compile(r"\s+(at |\.\.\. \d+ (common )?more)")
# The metadata log grows by itself, twice a second.
METADATA_END = [
    (re.compile(r"^(HighWatermark: +)\d+"), r"\g<1>END"),
    (re.compile(r"^(1 +\tID\t)\d+ *"), r"\g<1>END"),
]
# The controllers' listener tells where features changed last, the brokers' where the metadata log ends.
FEATURES_END = [(re.compile(r"^(Feature: .*Epoch: )\d+"), r"\g<1>END")]
HASHED = [(re.compile(r"(Topic: .*\tConfigs: )(.*)"), ","), (re.compile(r"(SCRAM credential configs for .* are )(.*)"), ", ")]
SPEED = re.compile(r"\d+(\.\d+)?")
PLACEHOLDER = re.compile(r"(?<=[:,\[])(TIME|PORT|CPORT)\b")
RANDOM_OF_SCRAM = ("salt", "storedKey", "serverKey")


def normal(command, text, names):
    """The lines of `text`; `names` says what stands for the places and ports of this node."""
    for place, name in names.items():
        text = re.sub(rf"(?<![\w]){re.escape(place)}(?![\w])", name, text)
    for pattern, name in TIMES + [(ID, "ID")]:
        text = pattern.sub(name, text)
    lines = [line.rstrip() for line in text.split("\n")]
    lines = [line for line in lines if line and not FRAME.match(line)]
    for pattern, name in ends_told(command):
        lines = [pattern.sub(name, line) for line in lines]
    if "kafka-producer-perf-test" in command:
        lines = [SPEED.sub("N", line) if " records sent, " in line else line for line in lines]
    lines = [sorted_list(line) for line in lines]
    if "--cluster-metadata-decoder" in command:
        return metadata_records(lines)
    return lines


def ends_told(command):
    if "kafka-metadata-quorum" in command:
        return METADATA_END
    return FEATURES_END if "kafka-features --bootstrap-server" in command else []


def sorted_list(line):
    """Configurations of a topic and credentials of a user stand in the order of a hash map."""
    for pattern, comma in HASHED:
        if found := pattern.match(line):
            return found.group(1) + comma.join(sorted(found.group(2).split(comma)))
    return line


def metadata_records(lines):
    """The payloads. Where batches begin, and how many records that say nothing stand between, is a matter of time."""
    records = []
    for line in lines:
        if not line.startswith("| payload: "):
            if not line.startswith("baseOffset: "):
                records.append(line)
            continue
        payload = json.loads(PLACEHOLDER.sub(r'"\1"', line[len("| payload: "):]))
        data = payload["data"]
        if payload["type"] == "NO_OP_RECORD":
            continue
        if "features" in data:
            data["features"].sort(key=lambda feature: feature["name"])
        data.pop("brokerEpoch", None)
        for name in RANDOM_OF_SCRAM:
            if name in data:
                data[name] = name
        records.append(json.dumps(payload))
    return records
