"""Writes broken and hostile inputs, gives each to what reads it, and compares with the outcome that it has to have.

    python tools/hostile_inputs.py [FOLDER]

The files stay in FOLDER, if one is given. Every one either works, or leads to one clear line that names it: none to a
traceback, a wait without end, or a read of a file that is none of its business.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from synthmat.errors import SynthmatError

FINE = ""
"""The outcome of what is odd, and works."""


@dataclass(frozen=True)
class Case:
    """An input: its file's name, what writes it, who reads it, and words of the error, `FINE` for none."""

    name: str
    make: Callable[[Path], object]
    outcome: str


def picture(format_: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (24, 16), **how: object) -> bytes:
    """Return a picture file of noise."""
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(buffer, format_, **how)
    return buffer.getvalue()


def png(width: int, height: int, data: bytes = bytes(100)) -> bytes:
    """Return a PNG that says it is so large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def holding(data: bytes) -> Callable[[Path], object]:
    """Return what writes these bytes."""
    return lambda path: path.write_bytes(data)


def saying(text: str) -> Callable[[Path], object]:
    """Return what writes this text."""
    return lambda path: path.write_text(text, encoding="utf-8")


def gltf(**changes: object) -> Callable[[Path], object]:
    """Return what writes a glTF scene of nothing, with changes."""
    return saying(json.dumps({"asset": {"version": "2.0"}, **changes}))


_JPEG, _PNG = picture("JPEG"), picture()
_LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"

PHOTOS = (
    Case("plain.png", holding(_PNG), FINE),
    Case("jpeg_called.png", holding(_JPEG), FINE),
    Case("gray.png", holding(picture(mode="L")), FINE),
    Case("palette.png", holding(picture(mode="P")), FINE),
    Case("cmyk.jpg", holding(picture("JPEG", "CMYK")), FINE),
    Case("one_pixel.png", holding(picture(size=(1, 1))), FINE),
    Case("one_line.png", holding(picture(size=(900, 1))), FINE),
    Case("broken_profile.jpg", holding(picture("JPEG", icc_profile=b"no profile")), FINE),
    Case("broken_exif.jpg", holding(picture("JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")), FINE),
    Case("名" * 80 + ".png", holding(_PNG), FINE),
    Case("-rf.png", holding(_PNG), FINE),
    Case("$(touch x) ;'\".png", holding(_PNG), FINE),
    Case("linked.png", lambda path: path.symlink_to(path.with_name("plain.png")), FINE),
    Case("empty.png", holding(b""), "not a JPEG, PNG"),
    Case("cut.png", holding(_PNG[:200]), "cannot be read"),
    Case("cut.jpg", holding(_JPEG[: len(_JPEG) // 2]), "cannot be read"),
    Case("bomb.png", holding(png(30000, 30000)), "more than 400 megapixels"),
    Case("larger_bomb.png", holding(png(2**31 - 1, 2**31 - 1)), "more than 400 megapixels"),
    Case("lying.png", holding(png(500, 500)), "cannot be read"),
    Case("page.png", saying("<html>not found</html>"), "not a JPEG, PNG"),
    Case("vector.png", saying("<svg xmlns='http://www.w3.org/2000/svg'/>"), "not a JPEG, PNG"),
    Case("postscript.jpg", saying("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run"), "not a JPEG"),
    Case("pointer.png", holding(_LFS), "Git LFS"),
    Case("pipe.png", lambda path: os.mkfifo(path), "no such file"),
    Case("endless.png", lambda path: path.symlink_to("/dev/zero"), "no such file"),
    Case("dangling.png", lambda path: path.symlink_to("nowhere.png"), "no such file"),
    Case("circle.png", lambda path: path.symlink_to(path), "no such file"),
    Case("folder.png", lambda path: path.mkdir(), "no pictures"),
)
CHECKPOINTS = (
    Case("empty.pt", holding(b""), "the file is empty"),
    Case("noise.pt", holding(bytes(range(256)) * 4), "cannot be used as a checkpoint"),
    Case("program.pt", holding(b"cos\nsystem\n(S'touch x'\ntR."), "holds pickled code"),
    Case("zip.pt", holding(b"PK\x05\x06" + bytes(18)), "cannot be used as a checkpoint"),
    Case("pipe.pt", lambda path: os.mkfifo(path), "is a pipe or a device"),
    Case("endless.pt", lambda path: path.symlink_to("/dev/zero"), "is a pipe or a device"),
    Case("folder.pt", lambda path: path.mkdir(), "no best.pt in this folder"),
    Case("noise.onnx", holding(bytes(range(256)) * 4), "is no ONNX network, or is damaged"),
    Case("empty.onnx", holding(b""), "is no ONNX network, or is damaged"),
)
RECIPES = (
    Case("empty.yaml", holding(b""), "a recipe is a mapping"),
    Case("bytes.yaml", holding(b"\xff\xfe\0x"), "cannot be read as a text"),
    Case("python.yaml", saying("name: !!python/object/apply:os.system [touch x]"), "python.yaml:1:7"),
    Case("circle.yaml", saying("a: &a [*a]\n"), "an alias repeats itself"),
    Case("deep.yaml", saying("[" * 5000), "not a YAML text"),
    Case(
        "laughs.yaml",
        saying(
            "a: &a [1,1]\n"
            + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9))
        ),
        "too many values",
    ),
    Case("twice.yaml", saying("name: x\nname: y\n"), "twice.yaml:2"),
    Case("digits.yaml", saying(f"name: x\nseed: {'9' * 5000}\n"), "seed"),
    Case("escape.yaml", saying("name: ../../x\nobjects: [{builtin: vase}]\n"), "name: String should match"),
    Case("folder.yaml", lambda path: path.mkdir(), "Is a directory"),
)
MODELS = (
    Case("plain.obj", saying("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"), FINE),
    Case("device.obj", saying("mtllib /dev/zero\nv 0 0 0\n"), "it refers to /dev/zero"),
    Case("upward.obj", saying(f"mtllib {'../' * 20}etc/passwd\nv 0 0 0\n"), "it refers to"),
    Case("passwd.gltf", gltf(buffers=[{"uri": "/etc/passwd", "byteLength": 9}]), "it refers to /etc/passwd"),
    Case("escaped.gltf", gltf(images=[{"uri": "..%2f" * 20 + "etc%2fpasswd"}]), "it refers to"),
    Case("kernel.gltf", gltf(buffers=[{"uri": "/proc/kmsg", "byteLength": 9}]), "it refers to /proc/kmsg"),
    Case("pointer.glb", holding(_LFS), "Git LFS"),
)  # fmt: skip
GROUPS = {"photos": PHOTOS, "checkpoints": CHECKPOINTS, "recipes": RECIPES, "models": MODELS}


def outcome(group: str, path: Path) -> str:
    """Return the error that the command that reads an input ends with, empty if it is well."""
    try:
        return _READERS[group](path)
    except SynthmatError as error:
        return str(error)


def _photo(path: Path) -> str:
    from synthmat import api

    result = api.predict("baseline:centre", [path], out=path.parent / "out" / path.name[:20], quiet=True)
    return " ".join(failure["error"] for failure in result.failures)


def _checkpoint(path: Path) -> str:
    from synthmat.train.predict.predictor import open_predictor

    open_predictor(str(path))
    return FINE


def _recipe(path: Path) -> str:
    from synthmat.recipe import load_recipe

    load_recipe(path)
    return FINE


def _model(path: Path) -> str:
    from synthmat.preflight import check_files
    from synthmat.recipe import parse_recipe
    from synthmat.storage.output_folder import OutputFolder

    recipe = parse_recipe(f"name: x\nobjects: [{{models: {path.name}}}]\n")
    found = check_files(recipe, path.parent, OutputFolder(path.parent / "out"), ("render",))
    return " ".join([*found.stops, *found.costs])


_READERS: dict[str, Callable[[Path], str]] = {
    "photos": _photo, "checkpoints": _checkpoint, "recipes": _recipe, "models": _model,
}  # fmt: skip


def main() -> int:
    """Try every case and say which one ended otherwise than it should."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    given = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        root = (given.folder or Path(name)).absolute()
        for group, cases in GROUPS.items():
            (root / group).mkdir(parents=True, exist_ok=True)
            for case in cases:
                case.make(root / group / case.name)
                found = outcome(group, root / group / case.name)
                good = case.outcome in found if case.outcome else not found
                wrong += not good
                print(f"{'as expected' if good else 'WRONG':12s}{group}/{case.name[:40]}: {found[:150] or 'works'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
