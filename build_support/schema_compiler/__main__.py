"""Schema compiler: python3 build_support/schema_compiler --schemas DIR --output DIR [--list]

--list prints the files that it would write, one a line, relative to the output folder, and writes nothing.
A file is written only when its text changed, so that a touched schema rebuilds only what depends on it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cpp_api
import cpp_files
import cpp_fill
from model import Message, SchemaError
from parser import parse_file

FAMILIES = ("requests", "metadata", "coordinator", "raft", "records", "remote_log")
KIND_ORDER = {"request": 0, "response": 1}


def load(schemas: Path) -> list[Message]:
    messages = [parse_file(path) for path in sorted(schemas.glob("*/*.schema"))]
    for message in messages:
        if message.family not in FAMILIES:
            raise SchemaError(f"{message.family}/{message.source}: unknown folder")
        if message.snake + ".schema" != message.source:
            raise SchemaError(f"{message.family}/{message.source}: holds {message.name}, expected {message.snake}.schema")
    messages.sort(key=lambda m: (FAMILIES.index(m.family), m.key if m.key is not None else 9999,
                                 KIND_ORDER.get(m.kind, 2), m.name))
    names = [m.name for m in messages]
    for name in names:
        if names.count(name) > 1:
            raise SchemaError(f"{name}: two schemas of that name")
    return messages


def outputs(messages: list[Message]) -> dict[str, str]:
    files: dict[str, str] = {}
    for message in messages:
        files[f"protocol/messages/{message.snake}.h"] = cpp_files.header(message)
    files["protocol/messages/fwd.h"] = cpp_files.forward_header(messages)
    for index, group in enumerate(cpp_files.groups(messages)):
        files[f"protocol/messages/{cpp_files.source_name(index)}"] = cpp_files.source(group)
    files["protocol/api/api_key.h"] = cpp_api.key_header(messages)
    files["protocol/api/api_table.cc"] = cpp_api.table_source(messages)
    for index, group in enumerate(cpp_files.groups(messages)):
        files[f"golden/fill_{index:02}.cc"] = cpp_fill.source(index, group)
    files["golden/registry.cc"] = cpp_fill.registry(len(cpp_files.groups(messages)))
    return files


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--schemas", type=Path, required=True)
    arguments.add_argument("--output", type=Path, required=True)
    arguments.add_argument("--list", action="store_true")
    options = arguments.parse_args()
    try:
        files = outputs(load(options.schemas))
    except SchemaError as error:
        print(f"schema: {error}", file=sys.stderr)
        return 1
    for name, text in files.items():
        if options.list:
            print(name)
            continue
        target = options.output / name
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
