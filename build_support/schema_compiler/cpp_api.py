"""Emits the table of APIs: key, name, versions, listeners. The facts are the headings of the request schemas."""

from __future__ import annotations

from cpp_codec import Lines
from model import OPEN_END, Message, snake_case

NOTICE = "// Made by build_support/schema_compiler from schemas/requests/. Change the schemas, not this file."


def _requests(messages: list[Message]) -> list[Message]:
    return [m for m in messages if m.kind == "request"]


def _name(message: Message) -> str:
    return message.name.removesuffix("Request")


def key_header(messages: list[Message]) -> str:
    out = Lines()
    out.add(NOTICE)
    out.add("// The keys of all APIs of Kafka 4.3.")
    out.add("#pragma once")
    out.add("")
    out.add("#include <cstdint>")
    out.add("")
    out.add("namespace highwater::api {")
    out.add("")
    out.open("enum class ApiKey : std::int16_t {")
    for message in _requests(messages):
        out.add(f"{snake_case(_name(message))} = {message.key},")
    out.close("};")
    out.add("")
    out.add("}  // namespace highwater::api")
    return "\n".join(out.text) + "\n"


def table_source(messages: list[Message]) -> str:
    out = Lines()
    out.add(NOTICE)
    out.add('#include "protocol/api/api_table.h"')
    out.add("")
    out.add("namespace highwater::api {")
    out.add("namespace {")
    out.add("")
    out.open("constexpr Api table[] = {")
    for message in _requests(messages):
        flexible = OPEN_END if message.flexible.empty() else message.flexible.lowest
        values = [
            f".key = ApiKey::{snake_case(_name(message))}", f'.name = "{_name(message)}"',
            f".lowest = {message.versions.lowest}", f".highest = {message.versions.highest}",
            f".flexible_from = {flexible}",
            f".on_broker = {'true' if 'broker' in message.listeners else 'false'}",
            f".on_controller = {'true' if 'controller' in message.listeners else 'false'}",
            f".latest_unstable = {'true' if message.latest_unstable else 'false'}",
        ]
        out.add("{" + ", ".join(values) + "},")
    out.close("};")
    out.add("")
    out.add("}  // namespace")
    out.add("")
    out.add("std::span<const Api> all_apis() { return table; }")
    out.add("")
    out.open("const Api* find_api(std::int16_t key) {")
    out.open("switch (key) {")
    for index, message in enumerate(_requests(messages)):
        out.add(f"case {message.key}: return &table[{index}];")
    out.add("default: return nullptr;")
    out.close()
    out.close()
    out.add("")
    out.add("}  // namespace highwater::api")
    return "\n".join(out.text) + "\n"
