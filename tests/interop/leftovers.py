"""Directories of Apache's with what crashes, compactions and hands may leave in them: our node and Apache's must make the same
of it, once where the clean shutdown marker is there, once without.
"""

import glob
import os
import shutil

from both_ways import SETTINGS, format_cell, read_lines
from cell import Cell

UNIQUE = "0123456789abcdef0123456789abcdef"


def partition(root, name):
    (path,) = glob.glob(f"{root}/*/{name}")
    return path


def segments(path):
    return sorted(name[:20] for name in os.listdir(path) if name.endswith(".log"))


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def without(root, name, suffix):
    for path in glob.glob(f"{partition(root, name)}/*{suffix}"):
        os.remove(path)


def spoil_aborted(root):
    """Entries of a later segment that end before it: Kafka calls the index corrupt and makes it anew."""
    for name in ("transactions-1-0", "transactions-1-1"):
        for path in sorted(glob.glob(f"{partition(root, name)}/*.txnindex")):
            if int(os.path.basename(path)[:20]) > 0 and os.path.getsize(path) > 0:
                write(path, bytes(os.path.getsize(path)))
                return


def swap(root):
    """A compaction that was finished and not in place yet."""
    path = partition(root, "segments-0")
    middle = segments(path)[len(segments(path)) // 2]
    for suffix in ("log", "index", "timeindex"):
        os.rename(f"{path}/{middle}.{suffix}", f"{path}/{middle}.{suffix}.swap")


def unfinished_swap(root):
    """One that was not: a .cleaned file at or below the .swap files takes them with it."""
    path = partition(root, "plain-lz4-0")
    first = segments(path)[0]
    shutil.copy(f"{path}/{first}.log", f"{path}/{first}.log.swap")
    shutil.copy(f"{path}/{first}.log", f"{path}/{first}.log.cleaned")


def leave(root):
    without(root, "plain-gzip-0", ".index")
    without(root, "plain-snappy-0", ".timeindex")
    without(root, "plain-zstd-1", "leader-epoch-checkpoint")
    without(root, "many-0", "partition.metadata")
    snapshot = max(glob.glob(f"{partition(root, 'idempotent-none-0')}/*.snapshot"))
    write(snapshot, b"no snapshot")
    spoil_aborted(root)
    swap(root)
    unfinished_swap(root)
    path = partition(root, "idempotent-gzip-0")
    for name in ("00000000000000000007.log.deleted", "00000000000000000007.index.deleted", "00000000000000099999.index",
                 "00000000000000000100.snapshot.deleted"):
        write(f"{path}/{name}", b"left over")
    place = os.path.dirname(partition(root, "plain-none-0"))
    shutil.copytree(partition(root, "plain-none-0"), f"{place}/gone-0.{UNIQUE}-delete")
    shutil.copytree(partition(root, "plain-none-0"), f"{place}/strange-0.{UNIQUE}-stray")
    os.remove(f"{place}/replication-offset-checkpoint")


def wanted_difference(line):
    """Without its time index Apache's finds nothing by time until the segment is recovered; ours makes it anew."""
    return line.startswith(("offsets from-", "offsets largest-")) and "plain-snappy-0" in line


def run(binary, apache, folder, log):
    """Raises RuntimeError with the first difference; else the number of lines that were equal."""
    cell = Cell(binary, apache, folder, SETTINGS)
    format_cell(cell, "apache")
    cell.serve("apache", lambda program: program("fill", 1, "transactions"))
    leave(cell.root)
    clean = cell.copy("clean")
    lines = 0
    for marker in ("with", "without"):
        shutil.rmtree(cell.root)
        shutil.copytree(clean, cell.root)
        if marker == "without":
            for path in glob.glob(f"{cell.root}/*/.kafka_cleanshutdown"):
                os.remove(path)

        def show(program, kind, marker=marker):
            path = os.path.join(cell.folder, f"inventory-{marker}-{kind}")
            program("inventory", path)
            return [line for line in read_lines(path) if not wanted_difference(line)]

        ours, theirs, _ = cell.each_on_its_own(show)
        if ours != theirs:
            raise RuntimeError(f"{marker} the marker they differ: only ours {sorted(set(ours) - set(theirs))[:3]}, "
                               f"only Apache's {sorted(set(theirs) - set(ours))[:3]}")
        lines += len(ours)
        print(f"{marker} the marker: {len(ours)} lines equal", file=log, flush=True)
    return lines
