"""Makes a right request nearly right: one value out of place, or the frame itself."""

import struct

from messages import TAGS, Raw, has

EDGES = {"i8": (-128, 127), "i16": (-32768, 32767), "i32": (-(1 << 31), (1 << 31) - 1), "i64": (-(1 << 63), (1 << 63) - 1),
         "u16": (0, 65535), "u32": (0, (1 << 32) - 1)}


def places(declared, value, version):
    """(holder, key, field) of every value of the message that stands in line, elements of arrays included."""
    for field in declared.fields:
        if not has(field.untagged, version) or not isinstance(value, dict) or field.name not in value:
            continue
        yield value, field.name, field
        inner = value[field.name]
        if field.is_array and isinstance(inner, list):
            for index, element in enumerate(inner):
                yield inner, index, field
                if field.struct is not None:
                    yield from places(field.struct, element, version)
        elif field.struct is not None and isinstance(inner, dict):
            yield from places(field.struct, inner, version)


def bad_list(random, values, flexible):
    kind = random.randrange(4)
    if kind == 0:
        return None
    if kind == 1 and values:
        return values + [values[0]]
    if kind == 2:
        return []
    # A count that nothing stands behind.
    if flexible:
        return Raw(random.choice([b"\xff\xff\xff\xff\x0f", b"\xff\xff\xff\xff\xff\x01", b"\x80\x80\x04"]))
    return Raw(struct.pack(">i", random.choice([-2, 1 << 30, (1 << 31) - 1, 1000])))


def bad_scalar(random, field, value):
    if field.type in EDGES:
        low, high = EDGES[field.type]
        if field.name.lower() == "timeoutms":  # a short one is a race that either node may win
            return random.choice([0, -1, low, low + 1, high, high - 1])
        return random.choice([0, -1, 1, 2, low, high, low + 1, high - 1]) if low else random.choice([0, 1, high])
    if field.type == "string":
        return random.choice([None, "", " ", "x" * 2000, "a\0b", b"\xff\xfe", "é" * 20])
    if field.type == "bool":
        return Raw(bytes([random.choice([2, 255])]))
    if field.type == "uuid":
        return random.choice([bytes(16), b"\0" * 15 + b"\1", b"\xff" * 16])
    if field.type in ("bytes", "records"):
        return random.choice([None, b"", b"\0", b"x" * 100])
    if field.type == "f64":
        return random.choice([float("nan"), float("inf"), -1.0, 0.0, 1e300])
    return value


def mangle_value(random, message, version, value):
    """Changes one place of the value, in place. Says what was done."""
    flexible = has(message.flexible, version)
    if flexible and random.random() < 0.2:
        structs = [value] + [holder[key] for holder, key, _ in places(message.body, value, version) if isinstance(holder[key], dict)]
        random.choice(structs)[TAGS] = [(random.choice([99, 1000, 7]), b"whatever")]
        return "unknown tag"
    found = list(places(message.body, value, version))
    if not found:
        return None
    holder, key, field = random.choice(found)
    if isinstance(holder[key], (list, type(None))) and field.is_array and not isinstance(key, int):
        holder[key] = bad_list(random, holder[key] or [], flexible)
    elif isinstance(holder[key], dict):
        return None
    else:
        holder[key] = bad_scalar(random, field, holder[key])
    return f"{field.name} = {str(holder[key])[:60]!r}"


def mangle_frame(random, frame):
    """Other bytes in a frame; its size in front stays right unless the stream shall break."""
    body = bytearray(frame[4:])
    kind = random.randrange(5)
    if kind == 0:
        cut = random.randrange(1, min(len(body), 40))
        body = body[:-cut]
        what = f"the last {cut} bytes are missing"
    elif kind == 1:
        body += bytes(random.randrange(256) for _ in range(random.choice([1, 4, 100])))
        what = "bytes follow"
    elif kind == 2 and len(body) > 14:
        at = random.randrange(14, len(body))
        what = f"a flipped bit in byte {at}" + (", of a null" if body[at] == 0xFF else "")
        body[at] ^= 1 << random.randrange(8)
    elif kind == 3:
        return struct.pack(">i", random.choice([-1, -(1 << 31), (1 << 31) - 1, 0])) + bytes(body), "another frame size"
    else:
        body = body[: random.randrange(0, 10)]
        what = "only the begin of the header"
    return struct.pack(">i", len(body)) + bytes(body), what
