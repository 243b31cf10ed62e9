"""Record payloads unpacked by the codecs' own libraries, which the build needs anyway: neither node's code takes part."""

import ctypes
import struct
import zlib

BYTES_MAX = 32 << 20  # of one batch, unpacked
STREAM_MAGIC = b"\x82SNAPPY\0"
STREAM_HEADER = 16  # magic, version, lowest compatible version
LZ4F_VERSION = 100


class NotPacked(Exception):
    pass


def library(name, results):
    loaded = ctypes.CDLL(name)
    for function, result in results.items():
        getattr(loaded, function).restype = result
    return loaded


ZSTD = library("libzstd.so.1", {"ZSTD_createDStream": ctypes.c_void_p, "ZSTD_decompressStream": ctypes.c_size_t,
                                "ZSTD_freeDStream": ctypes.c_size_t, "ZSTD_isError": ctypes.c_uint})
LZ4 = library("liblz4.so.1", {"LZ4F_createDecompressionContext": ctypes.c_size_t, "LZ4F_decompress": ctypes.c_size_t,
                              "LZ4F_freeDecompressionContext": ctypes.c_size_t, "LZ4F_isError": ctypes.c_uint})
SNAPPY = library("libsnappy.so.1", {"snappy_uncompress": ctypes.c_int, "snappy_uncompressed_length": ctypes.c_int})


class Buffer(ctypes.Structure):
    """ZSTD_inBuffer and ZSTD_outBuffer."""

    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("position", ctypes.c_size_t)]


def gunzip(data):
    unpacker = zlib.decompressobj(wbits=31)
    try:
        out = unpacker.decompress(data, BYTES_MAX)
    except zlib.error as error:
        raise NotPacked(error) from error
    if not unpacker.eof:
        raise NotPacked("it does not end, or is too large")
    return out


def snappy_block(data):
    size = ctypes.c_size_t()
    if SNAPPY.snappy_uncompressed_length(data, ctypes.c_size_t(len(data)), ctypes.byref(size)) != 0 or size.value > BYTES_MAX:
        raise NotPacked("its length cannot be")
    out = ctypes.create_string_buffer(max(size.value, 1))
    if SNAPPY.snappy_uncompress(data, ctypes.c_size_t(len(data)), out, ctypes.byref(size)) != 0:
        raise NotPacked("a block is damaged")
    return out.raw[: size.value]


def unsnappy(data):
    if not data.startswith(STREAM_MAGIC):
        return snappy_block(data)
    out = b""
    at = STREAM_HEADER
    while at < len(data):
        size = struct.unpack_from(">i", data, at)[0] if at + 4 <= len(data) else -1
        if size < 0 or at + 4 + size > len(data) or len(out) > BYTES_MAX:
            raise NotPacked("a block is not whole, or there are too many")
        out += snappy_block(data[at + 4 : at + 4 + size])
        at += 4 + size
    return out


def unlz4(data):
    context = ctypes.c_void_p()
    LZ4.LZ4F_createDecompressionContext(ctypes.byref(context), LZ4F_VERSION)
    room = ctypes.create_string_buffer(1 << 16)
    out, rest, hint = b"", data, 1
    try:
        while hint != 0:
            taken, made = ctypes.c_size_t(len(rest)), ctypes.c_size_t(len(room))
            hint = LZ4.LZ4F_decompress(context, room, ctypes.byref(made), rest, ctypes.byref(taken), None)
            if LZ4.LZ4F_isError(ctypes.c_size_t(hint)):
                raise NotPacked("the frame is damaged")
            out, rest = out + room.raw[: made.value], rest[taken.value :]
            if hint != 0 and made.value == 0 and not rest or len(out) > BYTES_MAX:
                raise NotPacked("the frame is not whole, or too large")
    finally:
        LZ4.LZ4F_freeDecompressionContext(context)
    return out


def unzstd(data):
    stream = ctypes.c_void_p(ZSTD.ZSTD_createDStream())
    room = ctypes.create_string_buffer(1 << 16)
    kept = ctypes.create_string_buffer(data, len(data))
    source = Buffer(ctypes.addressof(kept), len(data), 0)
    out, hint = b"", 1
    try:
        while hint != 0:
            target = Buffer(ctypes.addressof(room), len(room), 0)
            hint = ZSTD.ZSTD_decompressStream(stream, ctypes.byref(target), ctypes.byref(source))
            if ZSTD.ZSTD_isError(ctypes.c_size_t(hint)):
                raise NotPacked("the frame is damaged")
            out += room.raw[: target.position]
            if hint != 0 and target.position == 0 and source.position == len(data) or len(out) > BYTES_MAX:
                raise NotPacked("the frame is not whole, or too large")
    finally:
        ZSTD.ZSTD_freeDStream(stream)
    return out


UNPACKERS = {"gzip": gunzip, "snappy": unsnappy, "lz4": unlz4, "zstd": unzstd}


def unpack(codec, data):
    return UNPACKERS[codec](data)


def content(codec, data):
    """What is packed, as text; or that it is not packed as it says."""
    try:
        return unpack(codec, data).hex()
    except NotPacked as error:
        return f"not {codec}: {error}"
