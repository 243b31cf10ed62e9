"""The machine's Debian package index as records: key = package name, value = the whole entry.

One file, key 0x1f value 0x1e, so that kcat (-K, -D), Java and our own client read and write the same bytes.
"""

import hashlib
import os
import subprocess
from dataclasses import dataclass

FIELD_END, RECORD_END = b"\x1f", b"\x1e"


@dataclass
class Corpus:
    path: str
    records: int
    sha256: str


def build(folder, limit=None):
    index = subprocess.run(["apt-cache", "dumpavail"], check=True, capture_output=True).stdout
    digest, count = hashlib.sha256(), 0
    path = os.path.join(folder, "packages.rec")
    with open(path, "wb") as file:
        for entry in index.split(b"\n\n"):
            if not entry.startswith(b"Package: "):
                continue
            key = entry[len(b"Package: ") : entry.index(b"\n")]
            record = key + FIELD_END + entry + RECORD_END
            digest.update(record)
            file.write(record)
            count += 1
            if limit is not None and count == limit:
                break
    return Corpus(path, count, digest.hexdigest())
