"""What two recoveries left of the same log directories, held against each other file by file."""

import os
import struct

OFFSET_FILES = (".log", ".index", ".timeindex", ".txnindex", ".snapshot")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def snapshot_entries(content):
    """Producers of a snapshot by id; the order of the file means nothing."""
    version, _, count = struct.unpack_from(">hIi", content)
    if version != 1 or len(content) != 10 + 46 * count:
        raise ValueError("no producer snapshot")
    entries = {}
    for at in range(10, len(content), 46):
        fields = struct.unpack_from(">qhiqiqiq", content, at)
        entries[fields[0]] = fields[1:]
    return entries


def epoch_entries(path, end):
    """(epoch, start) of the checkpoint below `end`: a node that led the log since has added its own."""
    if not os.path.exists(path):
        return []
    lines = read(path).decode().split("\n")[2:]
    entries = [tuple(map(int, line.split(" "))) for line in lines if line]
    return [entry for entry in entries if entry[1] < end]


def log_end(directory):
    """Offset behind the last batch of a recovered log."""
    last = max(name for name in os.listdir(directory) if name.endswith(".log"))
    content, end, at = read(os.path.join(directory, last)), int(last[:20]), 0
    while at + 17 <= len(content):
        base, length = struct.unpack_from(">qi", content, at)
        # Of magic 0 and 1 the field is the offset of the last record.
        end = base + 1 + (struct.unpack_from(">i", content, at + 23)[0] if content[at + 16] == 2 else 0)
        at += 12 + length
    if at != len(content):
        raise ValueError(f"{directory}/{last} does not end with a whole batch")
    return end


def partitions(root, prefix):
    """Partition directory name -> path, over all log directories below `root`."""
    found = {}
    for place in sorted(os.listdir(root)):
        for name in os.listdir(os.path.join(root, place)):
            if name.startswith(prefix) and "." not in name:
                found[name] = os.path.join(root, place, name)
    return found


def compare_log(ours, theirs, suffixes):
    """None, or the first difference."""
    end, their_end = log_end(ours), log_end(theirs)
    if end != their_end:
        return f"ends at {end} here, at {their_end} there"
    names = {name for path in (ours, theirs) for name in os.listdir(path) if name.endswith(suffixes)}
    for name in sorted(names):
        paths = [os.path.join(path, name) for path in (ours, theirs)]
        if not all(map(os.path.exists, paths)):
            return f"{name} is only {'here' if os.path.exists(paths[0]) else 'there'}"
        here, there = map(read, paths)
        if name.endswith(".snapshot"):
            here, there = snapshot_entries(here), snapshot_entries(there)
        if here != there:
            size = "" if isinstance(here, dict) else f" ({len(here)} bytes here, {len(there)} there)"
            return f"{name} differs{size}" + (f": {here} here, {there} there" if isinstance(here, dict) else "")
    epochs = [epoch_entries(os.path.join(path, "leader-epoch-checkpoint"), end) for path in (ours, theirs)]
    if epochs[0] != epochs[1]:
        return f"leader-epoch-checkpoint has {epochs[0]} here, {epochs[1]} there"
    return None


def compare_all(ours, theirs, prefix, suffixes=OFFSET_FILES):
    """(number of logs, list of differences in files with these suffixes)."""
    here, there = partitions(ours, prefix), partitions(theirs, prefix)
    problems = [f"{name} is only on one side" for name in sorted(set(here) ^ set(there))]
    for name in sorted(set(here) & set(there)):
        problem = compare_log(here[name], there[name], suffixes)
        if problem is not None:
            problems.append(f"{name}: {problem}")
    return len(here), problems
