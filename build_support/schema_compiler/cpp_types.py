"""How fields look in C++: names, types, defaults, and when a value differs from its default."""

from __future__ import annotations

from model import SCALAR_SIZES, Field, Message, SchemaError, snake_case

KEYWORDS = {
    "namespace", "default", "operator", "private", "public", "class", "delete", "new", "register", "export", "template",
    "this", "union", "virtual", "int", "long", "short", "float", "double", "bool", "signed", "unsigned", "auto", "for",
}
# Static members of every message; a field of that name would clash.
RESERVED = {"message_key", "message_name", "lowest_version", "highest_version", "flexible_from", "latest_unstable"}

SCALARS = {
    "bool": "bool", "i8": "std::int8_t", "i16": "std::int16_t", "u16": "std::uint16_t", "i32": "std::int32_t",
    "u32": "std::uint32_t", "i64": "std::int64_t", "f64": "double", "uuid": "Uuid",
}
VARIABLES = {"string": "wire::Text", "bytes": "wire::Blob", "records": "wire::Records"}
CALLS = {"bool": "boolean", "string": "text", "bytes": "blob", "records": "records"}  # names on Reader and Writer


def member(field: Field) -> str:
    name = snake_case(field.name)
    if name in RESERVED:
        raise SchemaError(f"{field.line}: the name {field.name} is taken by every message")
    return name + "_" if name in KEYWORDS else name


def call(type_name: str) -> str:
    return CALLS.get(type_name, type_name)


def element_type(field: Field) -> str:
    return SCALARS.get(field.type) or VARIABLES.get(field.type) or field.type


def optional(message: Message, field: Field) -> bool:
    return not field.nullable.within(message.versions).within(field.versions).empty()


def array_type(field: Field) -> str:
    return f"{'wire::Few' if field.often_one else 'std::vector'}<{element_type(field)}>"


def cpp_type(message: Message, field: Field) -> str:
    base = array_type(field) if field.is_array else element_type(field)
    return f"std::optional<{base}>" if optional(message, field) else base


def default_null(message: Message, field: Field) -> bool:
    """Records are null by default wherever they can be, as in Kafka."""
    return optional(message, field) and (field.default == "null" or field.type == "records" and not field.is_array)


def scalar_default(field: Field) -> str:
    text = field.default
    if field.type == "bool":
        return "true" if text == "true" else "false"
    if text is None:
        return "0"
    number = int(text, 0)
    if field.type == "i64":
        return "INT64_MIN" if number == -(2**63) else str(number)
    return "INT32_MIN" if number == -(2**31) else str(number)


def initializer(message: Message, field: Field) -> str:
    if field.is_scalar:
        return "" if field.type == "uuid" else f" = {scalar_default(field)}"
    if optional(message, field) and not default_null(message, field):
        inner = array_type(field) if field.is_array else element_type(field)
        return f" = {inner}()"
    return ""


def differs_from_default(message: Message, field: Field) -> str:
    name = "value." + member(field)
    if field.is_scalar:
        if field.type == "bool":
            return ("!" if field.default == "true" else "") + name
        return f"!{name}.is_zero()" if field.type == "uuid" else f"{name} != {scalar_default(field)}"
    if default_null(message, field):
        return f"{name}.has_value()"
    if optional(message, field):
        if field.is_struct:
            return f"(!{name} || !(*{name} == {scope(message, field)}()))"
        return f"(!{name} || !{name}->empty())"
    if field.is_struct:
        return f"!({name} == {scope(message, field)}())"
    return f"!{name}.empty()"


def scope(message: Message, field: Field) -> str:
    """The element type as it is named outside the message."""
    base = element_type(field)
    return f"{message.name}::{base}" if field.struct is not None else base


def minimal_size(message: Message, field: Field, depth: int = 0) -> int:
    """The fewest bytes that one value (for arrays: one element) takes in any version where the field exists."""
    if field.type in SCALAR_SIZES:
        return SCALAR_SIZES[field.type]
    present = field.versions.within(message.versions)
    if field.struct is None:
        flexible = not field.never_compact and not message.flexible.within(present).empty()
        return 1 if flexible else (2 if field.type == "string" else 4)
    sizes = [_struct_size(message, field, version, depth) for version in range(present.lowest, present.highest + 1)]
    return max(1, min(sizes, default=1))


def _struct_size(message: Message, field: Field, version: int, depth: int) -> int:
    flexible = message.flexible.lowest <= version <= message.flexible.highest
    total = 1 if flexible else 0
    for inner in field.struct.fields:
        present = inner.untagged
        if not present.lowest <= version <= present.highest:
            continue
        compact = flexible and not inner.never_compact
        if inner.is_array or inner.type in ("bytes", "records"):
            total += 1 if compact else 4
        elif inner.type == "string":
            total += 1 if compact else 2
        elif inner.type in SCALAR_SIZES:
            total += SCALAR_SIZES[inner.type]
        elif inner.nullable.lowest <= version <= inner.nullable.highest:
            total += 1
        else:
            total += _struct_size(message, inner, version, depth + 1)
    return total
