"""Emits, for tests only, functions that fill a message with the values of docs/formats/golden.md, and the list of all
messages that the golden test walks."""

from __future__ import annotations

import cpp_types as cpp
from cpp_codec import Lines
from model import Field, Message, Struct, Versions, camel_case

NOTICE = "// Made by build_support/schema_compiler from schemas/, for tests. Change the schemas, not this file."


def source(index: int, group: list[Message]) -> str:
    out = Lines()
    out.add(NOTICE)
    for message in group:
        out.add(f'#include "protocol/messages/{message.snake}.h"')
    out.add('#include "tests/golden/subject.h"')
    out.add('#include "tests/golden/value_rule.h"')
    out.add("")
    out.add("namespace highwater::golden {")
    out.add("")
    for message in group:
        out.add("namespace {")
        for struct in [*message.structs, message.body]:
            _fill(out, message, struct)
        out.add("}  // namespace")
        out.add("")
    out.open(f"void list_group_{index:02}(std::vector<Entry>& entries) {{")
    for message in group:
        out.add(f'entries.push_back(entry_of<messages::{message.name}, &fill>("{message.kind}"));')
    out.close()
    out.add("")
    out.add("}  // namespace highwater::golden")
    return "\n".join(out.text) + "\n"


def registry(count: int) -> str:
    out = Lines()
    out.add(NOTICE)
    out.add('#include "tests/golden/subject.h"')
    out.add("")
    out.add("namespace highwater::golden {")
    out.add("")
    for index in range(count):
        out.add(f"void list_group_{index:02}(std::vector<Entry>& entries);")
    out.add("")
    out.open("std::vector<Entry> all_entries() {")
    out.add("std::vector<Entry> entries;")
    for index in range(count):
        out.add(f"list_group_{index:02}(entries);")
    out.add("return entries;")
    out.close()
    out.add("")
    out.add("}  // namespace highwater::golden")
    return "\n".join(out.text) + "\n"


def _fill(out: Lines, message: Message, struct: Struct) -> None:
    type_name = message.name if struct is message.body else f"{message.name}::{struct.name}"
    possible = struct.versions.within(message.versions)
    out.open(f"void fill([[maybe_unused]] const std::string& path, [[maybe_unused]] const Line& line, "
             f"[[maybe_unused]] messages::{type_name}& value) {{")
    out.add("[[maybe_unused]] const std::int16_t version = line.version;")
    for field in struct.fields:
        condition = field.versions.condition(possible)
        if condition == "false":
            continue
        out.open("{" if condition is None else f"if ({condition}) {{")
        out.add(f'const std::string inner = field_path(path, "{camel_case(field.name)}");')
        _fill_field(out, message, field, field.versions.within(possible))
        out.close()
    out.close()


def _fill_field(out: Lines, message: Message, field: Field, present: Versions) -> None:
    name = "value." + cpp.member(field)
    out.open("if (line.variant == Variant::filled) {")
    target = f"{name}.emplace()" if cpp.optional(message, field) else name
    if field.is_array:
        out.add(f"auto& list = {target};")
        out.open("for (int index = 0; index < 2; ++index) {")
        out.add("const std::string element = element_path(inner, index);")
        if field.struct is not None:
            out.add("fill(element, line, list.emplace_back());")
        else:
            out.add(f"list.push_back({cpp.call(field.type)}_value(element));")
        out.close()
    elif field.is_struct:
        out.add(f"fill(inner, line, {target});")
    elif field.type == "bool":
        out.add(f"{name} = !{name};")
    else:
        out.add(f"{name} = {cpp.call(field.type)}_value(inner);")
    out.close("} else {")
    out.depth += 1
    _fill_null(out, message, field, present, name)
    out.close()


def _fill_null(out: Lines, message: Message, field: Field, present: Versions, name: str) -> None:
    nullable = field.nullable.condition(present) if cpp.optional(message, field) else "false"
    if nullable is None:
        out.add(f"{name}.reset();")
        return
    if nullable != "false":
        out.open(f"if ({nullable}) {{")
        out.add(f"{name}.reset();")
        out.close("} else {")
        out.depth += 1
    if field.struct is not None:
        target = f"{name}.emplace()" if cpp.optional(message, field) else name
        if field.is_array:
            out.add(f'fill(element_path(inner, 0), line, {target}.emplace_back());')
        else:
            out.add(f"fill(inner, line, {target});")
    if nullable != "false":
        out.close()
