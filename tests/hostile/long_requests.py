"""Requests to the controller as large as one likes: entry after entry, all different, none of them nonsense."""

import struct

from messages import load_apis
from speech import array, header, i8, i16, i32, i64, text
from kafka_wire import uvarint

CREATE_TOPICS, DELETE_TOPICS, ALTER_CONFIGS, CREATE_PARTITIONS, ELECT_LEADERS, INCREMENTAL = 19, 20, 33, 37, 43, 44
REASSIGN, LIST_REASSIGNMENTS, ALTER_QUOTAS, ALTER_SCRAM, UPDATE_FEATURES = 45, 46, 49, 51, 57
TOPIC, SET = 2, 0
NO_TAGS = b"\0"


def compact(value):
    data = value if isinstance(value, bytes) else value.encode()
    return uvarint(len(data) + 1) + data


def compact_array(items): return uvarint(len(items) + 1) + b"".join(items)


def create_topics(n, prefix="long", partitions=1):
    topics = [text(f"{prefix}-{i:07}") + i32(partitions) + i16(1) + array([]) + array([]) for i in range(n)]
    return header(CREATE_TOPICS, 2) + array(topics) + i32(60000) + i8(0)


def delete_topics(n, prefix="long"):
    return header(DELETE_TOPICS, 1) + array([text(f"{prefix}-{i:07}") for i in range(n)]) + i32(60000)


def create_partitions(n):
    topics = [text(f"long-{i:07}") + i32(2) + i32(-1) for i in range(n)]
    return header(CREATE_PARTITIONS, 0) + array(topics) + i32(60000) + i8(0)


def alter_configs(n, prefix="long"):
    one = array([text("retention.ms") + text("1")])
    return header(ALTER_CONFIGS, 0) + array([i8(TOPIC) + text(f"{prefix}-{i:07}") + one for i in range(n)]) + i8(0)


def incremental_resources(n):
    one = array([text("retention.ms") + i8(SET) + text("1")])
    return header(INCREMENTAL, 0) + array([i8(TOPIC) + text(f"long-{i:07}") + one for i in range(n)]) + i8(0)


def incremental_keys(n):
    keys = array([text(f"key-{i:07}") + i8(SET) + text("1") for i in range(n)])
    return header(INCREMENTAL, 0) + array([i8(TOPIC) + text("plain") + keys]) + i8(0)


def elect_partitions(n):
    return header(ELECT_LEADERS, 1) + i8(0) + array([text("plain") + i32(n) + struct.pack(f">{n}i", *range(n))]) + i32(60000)


def elect_topics(n):
    topics = [text(f"long-{i:07}") + i32(1) + i32(0) for i in range(n)]
    return header(ELECT_LEADERS, 1) + i8(0) + array(topics) + i32(60000)


def reassign(n):
    partitions = [i32(i) + compact_array([i32(1)]) + NO_TAGS for i in range(n)]
    topic = compact("plain") + compact_array(partitions) + NO_TAGS
    return header(REASSIGN, 0, tags=NO_TAGS) + i32(60000) + compact_array([topic]) + NO_TAGS


def list_reassignments(n):
    topic = compact("plain") + uvarint(n + 1) + struct.pack(f">{n}i", *range(n)) + NO_TAGS
    return header(LIST_REASSIGNMENTS, 0, tags=NO_TAGS) + i32(60000) + compact_array([topic]) + NO_TAGS


def alter_quotas(n, prefix="long"):
    entries = [array([text("user") + text(f"{prefix}-{i:07}")]) +
               array([text("producer_byte_rate") + struct.pack(">d", 1024.0) + i8(0)]) for i in range(n)]
    return header(ALTER_QUOTAS, 0) + array(entries) + i8(0)


def quota_operations(n):
    operations = array([text(f"key-{i:07}") + struct.pack(">d", 1024.0) + i8(0) for i in range(n)])
    return header(ALTER_QUOTAS, 0) + array([array([text("user") + text("long")]) + operations]) + i8(0)


def alter_scram(n, prefix="long"):
    upsertions = [compact(f"{prefix}-{i:07}") + i8(1) + i32(4096) + compact(b"salt") + compact(b"password") + NO_TAGS
                  for i in range(n)]
    return header(ALTER_SCRAM, 0, tags=NO_TAGS) + compact_array([]) + compact_array(upsertions) + NO_TAGS


def delete_scram(n):
    deletions = [compact(f"long-{i:07}") + i8(1) + NO_TAGS for i in range(n)]
    return header(ALTER_SCRAM, 0, tags=NO_TAGS) + compact_array(deletions) + compact_array([]) + NO_TAGS


def update_features(n):
    updates = [compact(f"feature-{i:07}") + i16(1) + i8(1) + NO_TAGS for i in range(n)]
    return header(UPDATE_FEATURES, 1, tags=NO_TAGS) + i32(60000) + compact_array(updates) + i8(0) + NO_TAGS


MAKERS = [create_topics, delete_topics, create_partitions, alter_configs, incremental_resources, incremental_keys, elect_partitions,
          elect_topics, reassign, list_reassignments, alter_quotas, quota_operations, alter_scram, delete_scram, update_features]


def of_bytes(make, size):
    """The request of about so many bytes."""
    one = (len(make(2000)) - len(make(1000))) / 1000
    return make(int(size / one))
