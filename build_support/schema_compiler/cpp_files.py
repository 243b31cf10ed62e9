"""Puts structs and codecs into files: one header per message, sources in groups of about eight messages."""

from __future__ import annotations

import cpp_own
import cpp_types as cpp
from cpp_codec import Codec, Lines
from model import OPEN_END, Message, Struct

GROUP = 8
NOTICE = "// Made by build_support/schema_compiler from schemas/{family}/{source}. Change the schema, not this file."


def groups(messages: list[Message]) -> list[list[Message]]:
    return [messages[i : i + GROUP] for i in range(0, len(messages), GROUP)]


def source_name(index: int) -> str:
    return f"messages_{index:02}.cc"


def header(message: Message) -> str:
    out = Lines()
    out.add(NOTICE.format(family=message.family, source=message.source))
    out.add("#pragma once")
    out.add("")
    for include in ("cstddef", "cstdint", "optional", "string_view", "vector"):
        out.add(f"#include <{include}>")
    out.add("")
    out.add('#include "foundation/base/uuid.h"')
    if any(field.often_one for struct in [message.body, *message.structs] for field in struct.fields):
        out.add('#include "foundation/wire/few.h"')
    out.add('#include "foundation/wire/values.h"')
    out.add("")
    out.add("namespace highwater::wire {")
    out.add("class Reader;")
    out.add("class Writer;")
    out.add("}  // namespace highwater::wire")
    out.add("")
    out.add("namespace highwater::messages {")
    out.add("")
    _message_struct(out, message)
    name = message.name
    out.add("// False, with the reason in the reader, when the bytes are not such a message. Views stay on the read bytes.")
    out.add(f"[[nodiscard]] bool decode(wire::Reader& reader, std::int16_t version, {name}& value);")
    out.add(f"[[nodiscard]] std::size_t encoded_size(const {name}& value, std::int16_t version);")
    out.add(f"void encode(wire::Writer& writer, const {name}& value, std::int16_t version);")
    out.add("// False when this version cannot carry the value; encode() then drops or empties what does not fit.")
    out.add(f"[[nodiscard]] bool representable(const {name}& value, std::int16_t version);")
    if cpp_own.wanted(message):
        cpp_own.declaration(out, message)
    out.add("")
    out.add("}  // namespace highwater::messages")
    return "\n".join(out.text) + "\n"


def forward_header(messages: list[Message]) -> str:
    out = Lines()
    out.add("// Made by build_support/schema_compiler from schemas/. The names of all messages and of their parts, for headers that")
    out.add("// only pass them on.")
    out.add("#pragma once")
    out.add("")
    out.add("namespace highwater::messages {")
    out.add("")
    for message in messages:
        out.add(f"struct {message.name};")
    out.add("")
    for message in messages:
        if message.structs:
            out.add(f"namespace {message.snake}_parts {{")
            for struct in message.structs:
                out.add(f"struct {struct.name};")
            out.add(f"}}  // namespace {message.snake}_parts")
    out.add("")
    out.add("}  // namespace highwater::messages")
    return "\n".join(out.text) + "\n"


def _message_struct(out: Lines, message: Message) -> None:
    # Parts stand outside the message's class and are named inside it: std::optional of a nested class that has default
    # member initializers is not default constructible within the enclosing class.
    parts = f"{message.snake}_parts"
    if message.structs:
        out.add(f"namespace {parts} {{")
        out.add("")
        for struct in message.structs:
            out.open(f"struct {struct.name} {{")
            _members(out, message, struct)
            out.close("};")
            out.add("")
        out.add(f"}}  // namespace {parts}")
        out.add("")
    out.open(f"struct {message.name} {{")
    flexible = OPEN_END if message.flexible.empty() else message.flexible.lowest
    out.add(f"static constexpr std::int16_t message_key = {-1 if message.key is None else message.key};")
    out.add(f'static constexpr std::string_view message_name = "{message.name}";')
    out.add(f"static constexpr std::int16_t lowest_version = {message.versions.lowest};")
    out.add(f"static constexpr std::int16_t highest_version = {message.versions.highest};")
    out.add(f"static constexpr std::int16_t flexible_from = {flexible};")
    out.add(f"static constexpr bool latest_unstable = {'true' if message.latest_unstable else 'false'};")
    out.add("")
    for struct in message.structs:
        out.add(f"using {struct.name} = {parts}::{struct.name};")
    if message.structs:
        out.add("")
    _members(out, message, message.body)
    out.close("};")
    out.add("")


def _members(out: Lines, message: Message, struct: Struct) -> None:
    for field in struct.fields:
        out.add(f"{cpp.cpp_type(message, field)} {cpp.member(field)}{cpp.initializer(message, field)};")
    if struct.fields:
        out.add("")
    out.add(f"bool operator==(const {struct.name}&) const = default;")


def source(group: list[Message]) -> str:
    out = Lines()
    out.add("// Made by build_support/schema_compiler from schemas/. Change the schemas, not this file.")
    for message in group:
        out.add(f'#include "protocol/messages/{message.snake}.h"')
    out.add("")
    for include in ("measure", "reader", "writer"):
        out.add(f'#include "foundation/wire/{include}.h"')
    out.add("")
    out.add("namespace highwater::messages {")
    out.add("")
    for message in group:
        _codecs(out, message)
    out.add("}  // namespace highwater::messages")
    return "\n".join(out.text) + "\n"


def _codecs(out: Lines, message: Message) -> None:
    out.add("namespace {")
    out.add("")
    for struct in [*message.structs, message.body]:
        codec = Codec(message, struct)
        codec.read_function(out)
        codec.measure_function(out)
        codec.write_function(out)
        codec.fits_function(out)
    out.add("}  // namespace")
    out.add("")
    name = message.name
    out.open(f"bool decode(wire::Reader& reader, std::int16_t version, {name}& value) {{")
    out.add(f"value = {name}();")
    out.open(f"if (version < {name}::lowest_version || version > {name}::highest_version) {{")
    out.add('reader.fail("version is not known");')
    out.add("return false;")
    out.close()
    out.add("read(reader, version, value);")
    out.add("return reader.ok();")
    out.close()
    out.add(f"std::size_t encoded_size(const {name}& value, std::int16_t version) {{ return measure(value, version); }}")
    out.add(f"void encode(wire::Writer& writer, const {name}& value, std::int16_t version) "
            "{ write(writer, value, version); }")
    out.open(f"bool representable(const {name}& value, std::int16_t version) {{")
    out.add(f"return version >= {name}::lowest_version && version <= {name}::highest_version && fits(value, version);")
    out.close()
    out.add("")
    if cpp_own.wanted(message):
        cpp_own.definition(out, message)
