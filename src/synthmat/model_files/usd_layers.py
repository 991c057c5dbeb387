"""Which files a USD layer refers to: other layers and textures, read without Blender."""

from __future__ import annotations

import re
import struct
from pathlib import Path

from synthmat.model_files.boundary import may_read

_CRATE = b"PXR-USDC"
_ASSET = re.compile(rb"@@@(.+?)@@@|@([^@\n]+)@")
_SUFFIX = re.compile(
    r"\.(?:usd[acz]?|png|jpe?g|tiff?|exr|hdr|tga|bmp|webp|ktx2?|dds|psd|vdb|abc)(?:<|\[|$)", re.IGNORECASE
)
_LAYER = re.compile(r"\.usd[ac]?$", re.IGNORECASE)
_MAX_LAYERS = 1000
_MAX_TOKENS = 64 * 2**20


def usd_files(layer: Path) -> set[Path]:
    """Return the files that a USD file refers to, over any number of layers, whether they exist or not.

    Each path counts from the layer that names it. Files within a .usdz package are part of it and none of these.
    """
    found: set[Path] = set()
    waiting, seen = [layer], {layer}
    while waiting and len(seen) < _MAX_LAYERS:
        here = waiting.pop()
        for name in _stated_assets(here):
            path = here.parent / name
            found.add(path)
            if _LAYER.search(name) and path not in seen:
                seen.add(path)
                waiting.append(path)
    return found


def _stated_assets(layer: Path) -> set[str]:
    if not may_read(layer):
        return set()
    try:
        with layer.open("rb") as file:
            crate = file.read(8) == _CRATE
            file.seek(0)
            if crate:
                names = _crate_tokens(file.read())
            elif layer.suffix.lower() == ".usdz":
                return set()
            else:
                names = [(long or short).decode("utf-8", "replace") for long, short in _ASSET.findall(file.read())]
    except (OSError, ValueError, IndexError, struct.error):
        return set()  # the import will say what is wrong
    return {name.strip() for name in names if _SUFFIX.search(name.strip()) and "://" not in name}


def _crate_tokens(data: bytes) -> list[str]:
    """Return the tokens of a binary layer, among which are all asset paths."""
    (contents,) = struct.unpack_from("<q", data, 16)
    (count,) = struct.unpack_from("<Q", data, contents)
    for section in range(min(count, 64)):
        name, start, _ = struct.unpack_from("<16sqq", data, contents + 8 + section * 32)
        if name.rstrip(b"\0") == b"TOKENS":
            _, whole, packed = struct.unpack_from("<QQQ", data, start)
            if whole > _MAX_TOKENS:
                return []
            tokens = _unpacked(data[start + 24 : start + 24 + packed])
            return [token.decode("utf-8", "replace") for token in tokens.split(b"\0")]
    return []


def _unpacked(data: bytes) -> bytes:
    """Undo USD's compression: one LZ4 block after a zero, or a number of them, each after its size."""
    if data[0] == 0:
        return _lz4_block(data[1:])
    parts, at = [], 1
    for _ in range(data[0]):
        (size,) = struct.unpack_from("<i", data, at)
        parts.append(_lz4_block(data[at + 4 : at + 4 + size]))
        at += 4 + size
    return b"".join(parts)


def _lz4_block(data: bytes) -> bytes:
    out = bytearray()
    at = 0
    while at < len(data):
        token = data[at]
        at += 1
        literals, at = _length(data, at, token >> 4)
        out += data[at : at + literals]
        at += literals
        if at >= len(data):
            break
        back = data[at] | data[at + 1] << 8
        at += 2
        more, at = _length(data, at, token & 15)
        if not 0 < back <= len(out):
            raise ValueError("a damaged LZ4 block")
        if len(out) > _MAX_TOKENS:
            raise ValueError("too much for tokens")
        size = more + 4
        piece = bytes(out[-back:])
        out += (piece * (size // back + 1))[:size]
    return bytes(out)


def _length(data: bytes, at: int, nibble: int) -> tuple[int, int]:
    """Return a length of LZ4 and where it ends: 15 goes on in the bytes that follow, up to the first below 255."""
    if nibble < 15:
        return nibble, at
    while True:
        byte = data[at]
        at += 1
        nibble += byte
        if byte < 255:
            return nibble, at
