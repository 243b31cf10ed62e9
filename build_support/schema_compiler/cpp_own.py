"""Emits own(): gives every borrowed text and blob of a request bytes of its own. Made for the requests that a controller
takes, because the controller's door keeps them longer than their frame lives; never for record batches."""

from __future__ import annotations

import cpp_types as cpp
from cpp_codec import Lines
from model import Field, Message, SchemaError, Struct

OWNING = ("string", "bytes")


def wanted(message: Message) -> bool:
    return message.kind == "request" and "controller" in message.listeners


def declaration(out: Lines, message: Message) -> None:
    out.add("// Gives every text and blob bytes of its own, so that the value may outlive the frame it was decoded from.")
    out.add(f"void own({message.name}& value);")


def definition(out: Lines, message: Message) -> None:
    parts = [struct for struct in message.structs if _borrows(struct)]
    if parts:
        out.add("namespace {")
        out.add("")
        for struct in parts:
            _function(out, message, struct, f"{message.name}::{struct.name}")
        out.add("}  // namespace")
        out.add("")
    _function(out, message, message.body, message.name)


def _borrows(struct: Struct) -> bool:
    return any(_field_borrows(field) for field in struct.fields)


def _field_borrows(field: Field) -> bool:
    if field.type == "records":
        raise SchemaError(f"{field.line}: {field.name}: records cannot be owned")
    return field.type in OWNING or (field.struct is not None and _borrows(field.struct))


def _function(out: Lines, message: Message, struct: Struct, type_name: str) -> None:
    out.open(f"void own([[maybe_unused]] {type_name}& value) {{")
    for field in struct.fields:
        if _field_borrows(field):
            _own_field(out, message, field)
    out.close()
    out.add("")


def _own_field(out: Lines, message: Message, field: Field) -> None:
    name = "value." + cpp.member(field)
    is_optional = cpp.optional(message, field)
    inner = f"*{name}" if is_optional else name
    guard = f"if ({name}) " if is_optional else ""
    if field.is_array:
        step = "own(element);" if field.struct is not None else "element = element.owned();"
        out.add(f"{guard}for (auto& element : {inner}) {step}")
    elif field.is_struct:
        out.add(f"{guard}own({inner});")
    else:
        owner = f"{name}->owned()" if is_optional else f"{name}.owned()"
        out.add(f"{guard}{name} = {owner};")
