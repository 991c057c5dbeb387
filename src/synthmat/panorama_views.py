"""`synthmat views`: photographs of places, as files, out of panoramas."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from PIL import Image

from synthmat.errors import AssetError
from synthmat.generator.panoramas import BLENDER_HDRIS
from synthmat.images.panorama import View, develop, draw_views, perspective_view, read_panorama
from synthmat.images.panorama_kind import SUFFIXES
from synthmat.stage import resolve_pattern
from synthmat.storage.atomic import write_bytes

_QUALITY = 92
_IMAGE_DESCRIPTION = 0x010E


def write_views(
    panoramas: Iterable[str], out: Path, *, count: int = 12, size: tuple[int, int] = (512, 512), seed: int = 0
) -> Iterator[list[Path]]:
    """Write perspective views of panoramas as JPEG files ``OUT/NAME/NAME_00.jpg``; yield those of each panorama.

    Args:
        panoramas: Files, folders or patterns (``.hdr``, ``.exr``), names of Blender's own panoramas, or ``all``.
        out: A folder; each panorama gets one of its own in it.
        count: Views of each.
        size: Height and width, pixels.
        seed: Of the draws of direction and field of view.

    Raises:
        AssetError: A panorama is not there, is broken or is none, or two have one name.
        MissingDependencyError: It is an ``.exr`` file and OpenEXR is not installed.
    """
    found = _found(panoramas)
    for name, path in found.items():
        panorama = read_panorama(path)
        written = []
        for number, view in enumerate(draw_views(seed, name, count)):
            target = out / name / f"{name}_{number:02d}.jpg"
            write_bytes(target, _jpeg(Image.fromarray(develop(perspective_view(panorama, view, size))), name, view))
            written.append(target)
        yield written


def _found(panoramas: Iterable[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for entry in panoramas:
        if entry == "all" or entry in BLENDER_HDRIS:
            paths = [_blender_panorama(name) for name in (BLENDER_HDRIS if entry == "all" else [entry])]
        elif not (paths := resolve_pattern(Path.cwd(), entry, SUFFIXES)):
            names = ", ".join(BLENDER_HDRIS)
            raise AssetError(f"{entry}: no panorama ({', '.join(SUFFIXES)}) there; Blender's own are {names}, or all")
        for path in paths:
            if found.setdefault(path.stem, path) != path:
                raise AssetError(f"{found[path.stem]} and {path} would write to one folder; rename one of them")
    return found


def _blender_panorama(name: str) -> Path:
    spec = importlib.util.find_spec("bpy")
    folders = Path(spec.origin).parent.glob("*/datafiles/studiolights/world") if spec and spec.origin else ()
    for folder in folders:
        if (path := folder / f"{name}.exr").is_file():
            return path
    raise AssetError(f"{name}: Blender's panoramas come with its package: pip install 'synthmat[render]'")


def _jpeg(picture: Image.Image, name: str, view: View) -> bytes:
    looks = f"pan {view.pan:.1f}, tilt {view.tilt:.1f}, field of view {view.field_of_view:.1f}"
    exif = Image.Exif()
    exif[_IMAGE_DESCRIPTION] = f"view of {name}: {looks}".encode("ascii", "backslashreplace").decode()
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=_QUALITY, exif=exif)
    return data.getvalue()
