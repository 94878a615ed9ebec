"""The numbers of the wasm binary format: LEB128, which may be padded (core specification 5.2.2)."""

from __future__ import annotations


class Undecodable(Exception):
    """Bytes that are no wasm this room can read; the text says what they are, to follow "it"."""


def unsigned(wasm: bytes, at: int) -> tuple[int, int]:
    """The number of 32 bits at `at`, and where the next thing begins. Raises Undecodable if it is longer than such
    may be, and IndexError past the end."""
    byte = wasm[at]
    value, shift = byte & 0x7F, 7
    while byte & 0x80:
        if shift == 35:
            raise Undecodable("has a number of more than 5 bytes")
        at += 1
        byte = wasm[at]
        value |= (byte & 0x7F) << shift
        shift += 7
    return value, at + 1


def skip(wasm: bytes, at: int) -> int:
    """Where the next thing begins after the number at `at`, signed or not. Raises IndexError past the end."""
    while wasm[at] & 0x80:
        at += 1
    return at + 1


def encode(value: int) -> bytes:
    """`value`, which is not negative, in as few bytes as it takes."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def padded(value: int) -> bytes:
    """`value`, which is not negative, in the 5 bytes that a linker leaves for any number of 32 bits."""
    return bytes([*(value >> shift & 0x7F | 0x80 for shift in (0, 7, 14, 21)), value >> 28 & 0x0F])
