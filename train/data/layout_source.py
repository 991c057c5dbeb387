"""Data sets in the field's layouts as training samples; cut-outs without a picture are put on random photos."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError
from synthmat.images.alpha import over_uint8
from synthmat.images.color_matrix import apply_matrix, color_matrix
from synthmat.images.photo_file import read_photo
from synthmat.images.picture_size import MOST_MEGAPIXELS, check_megapixels
from synthmat.layouts import read_alpha, read_color_and_alpha, read_image
from synthmat.layouts.item import Item
from synthmat.photos import Photo
from synthmat.random_streams import stream
from synthmat.render_job import content_key
from synthmat.rows.kinds import EXTRA_COLORS
from synthmat.storage.digests import digests_of
from synthmat.train.data.image_cache import MAX_BYTES, image_cache
from synthmat.train.data.resizing import Pictures, resized, three_levels

_LARGEST_ZOOM = 2.0
_CAPTURED_JITTER = 0.05
_DARKEST_UNKNOWN = 0.2


class LayoutSource:
    """The items of a layout that have a matte; a `synthmat.sample_source.SampleSource`.

    An item without an image is its foreground over a photo, another one in each epoch: a random crop of it, at
    its own aspect ratio. Its captured background is that photo, a little brighter or darker and with another contrast.

    Args:
        items: As `synthmat.layouts.read_layout` gives them.
        kinds: What to give besides image and alpha.
        size: Give everything at ``(size, size)``; None for the size on disk.
        name: What it is called.
        seed: Of the photos' draws.
        photos: Backgrounds for items without an image.
        digests: Where checksums are remembered; see `synthmat.storage.digests`.
        max_bytes: Pictures are kept in memory after the first reading as long as they fit.
        hashed: Whether to read all files now for the digest, which is empty otherwise.
        most: Megapixels of a picture; larger ones are refused before they are decoded.
        allowed_by: The key or option that says so, for messages.

    Raises:
        AssetError: No item has a matte and a picture, or there are no photos for cut-outs.
    """

    def __init__(
        self,
        items: Sequence[Item],
        kinds: Collection[str] = (),
        size: int | None = None,
        *,
        name: str,
        seed: int = 0,
        photos: Sequence[Photo] = (),
        digests: Path | None = None,
        max_bytes: int = MAX_BYTES,
        hashed: bool = True,
        most: float = MOST_MEGAPIXELS,
        allowed_by: str = "the limit",
    ) -> None:
        self._most, self._allowed_by = most, allowed_by
        self.name = name
        self.items = usable(items)
        if not self.items:
            raise AssetError(f"{name}: none of its {len(items)} items has a matte and a picture; name another folder")
        self._kinds = tuple(kinds)
        self._size = size
        self._seed = seed
        cut_outs = any(item.image is None for item in self.items)
        self._photos = list(photos) if cut_outs else []
        if cut_outs and not photos:
            raise AssetError(f"{name}: holds cut-outs and there are no photos to put them on; name some as backgrounds")
        cumulative = np.cumsum([photo.weight for photo in self._photos])
        self._cumulative = cumulative / cumulative[-1] if cut_outs else cumulative
        self._cache = image_cache(max_bytes // 2)
        self._photo_cache = image_cache(max_bytes // 2)
        self.digest = self._hashed(digests) if hashed else ""

    def _hashed(self, digests: Path | None) -> str:
        files = [[file for kind in ("image", "alpha", *EXTRA_COLORS, "trimap") if (file := getattr(item, kind))]
                 for item in self.items]  # fmt: skip
        sums = digests_of({file for item in files for file in item}, digests)
        return content_key(
            [
                (item.id, [sums[file] for file in its], *_mask_levels(item))
                for item, its in zip(self.items, files, strict=True)
            ],
            [(photo.sha256, photo.weight) for photo in self._photos],
        )

    def __len__(self) -> int:
        return len(self.items)

    def label(self, index: int) -> str:
        """Return the item's id, with its split if it has one."""
        item = self.items[index]
        return f"{self.name}: {item.id}"

    def pictures(self, index: int, epoch: int) -> Pictures:
        """Return the pictures of an item; none of them may be written to.

        Raises:
            AssetError: A file is missing or broken, or they differ in size.
        """
        item = self.items[index]
        found = self._cache.get(index, lambda: self._read(item))
        return found if item.image is not None else self._composited(found, item, epoch)

    def _read(self, item: Item) -> Pictures:
        assert item.alpha is not None
        first = item.image or item.fg
        assert first is not None
        for path in (first, item.alpha, item.trimap, *(getattr(item, kind, None) for kind in self._kinds)):
            if path is not None:
                check_megapixels(path, self._most, self._allowed_by)
        color, alpha = read_color_and_alpha(first, item.alpha, item.alpha_from, item.mask)
        levels = np.rint(alpha * 65535).astype(np.uint16)
        found: Pictures = {"alpha": levels}
        needed = ("image", *self._kinds) if item.image else ("fg",)
        for kind in ("image", *EXTRA_COLORS):
            path = getattr(item, kind)
            if kind in needed and path is not None:
                found[kind] = color if path == first else read_image(path, levels.shape)
        if item.trimap is not None and "trimap" in self._kinds:
            found["trimap"] = read_trimap(item.trimap, levels.shape)
        for kind, pixels in found.items():
            if pixels.shape[:2] != levels.shape:
                raise AssetError(
                    f"{getattr(item, kind)}: {pixels.shape[1]}x{pixels.shape[0]}, but its matte {item.alpha.name} is "
                    f"{levels.shape[1]}x{levels.shape[0]}"
                )
        return found if self._size is None else resized(found, self._size, self._size)

    def _composited(self, cut_out: Pictures, item: Item, epoch: int) -> Pictures:
        rng = stream(self._seed, "backdrop", self.name, item.id, epoch)
        photo = self._photos[int(np.searchsorted(self._cumulative, rng.random(), side="right"))]
        fg, alpha = cut_out["fg"], cut_out["alpha"]
        bg = _random_crop(self._photo(photo, max(alpha.shape)), alpha.shape, rng)
        found = {**cut_out, "image": over_uint8(fg, alpha, bg), "bg": bg}
        brightness, contrast = rng.uniform(-_CAPTURED_JITTER, _CAPTURED_JITTER, 2)
        if "captured_bg" in self._kinds:
            found["captured_bg"] = apply_matrix(bg, color_matrix(contrast=1 + contrast, brightness=brightness))
        return {kind: found[kind] for kind in found if kind in ("image", "alpha", *self._kinds)}

    def _photo(self, photo: Photo, edge: int) -> NDArray[np.uint8]:
        """Return a photo whose shorter side is at most what the largest zoom needs of it."""

        def read() -> Pictures:
            pixels = read_photo(Path(photo.path), self._most).pixels
            scale = _LARGEST_ZOOM * edge / min(pixels.shape[:2])
            if scale < 1:
                pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
            return {"photo": pixels}

        return self._photo_cache.get((photo.path, edge), read)["photo"]


def _mask_levels(item: Item) -> list[tuple[float, int]]:
    """Return what the levels of a mask mean, nothing for a matte."""
    return [] if item.mask is None else [(item.mask.opaque, item.mask.ignore)]


def read_trimap(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return a trimap, uint8 ``(H, W)`` of 0, 128 and 255; ``shape`` is that of its picture.

    Raises:
        AssetError: The file is missing or broken, or its levels are labels such as 0, 1 and 2.
    """
    levels = read_alpha(path, shape=shape)
    brightest = float(levels.max(initial=0))
    if 0 < brightest < _DARKEST_UNKNOWN:
        raise AssetError(
            f"{path}: no level above {brightest:.1%} of white, so it seems to hold labels such as 0, 1 and 2; a "
            "trimap has 0 for background, 128 for unknown and 255 for foreground"
        )
    return three_levels(levels)


def usable(items: Sequence[Item]) -> list[Item]:
    """Return the items that have a matte, and an image or a foreground."""
    return [item for item in items if item.alpha is not None and (item.image or item.fg)]


def common_kinds(items: Sequence[Item]) -> frozenset[str]:
    """Return the kinds of pictures that a `LayoutSource` gives of every one of these items."""
    made = {"image", "alpha", "fg", "bg", "captured_bg"}
    sets = [
        {kind for kind in ("image", "alpha", *EXTRA_COLORS, "trimap") if getattr(item, kind)} if item.image else made
        for item in usable(items)
    ]
    return frozenset(set.intersection(*sets)) if sets else frozenset()


def _random_crop(photo: NDArray[np.uint8], shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a random crop of a photo at ``shape``, of the same aspect ratio."""
    zoom, y, x, flip = rng.uniform(1, _LARGEST_ZOOM), rng.random(), rng.random(), rng.random() < 0.5
    scale = min(photo.shape[0] / shape[0], photo.shape[1] / shape[1]) / zoom
    height, width = (max(1, round(edge * scale)) for edge in shape)
    top, left = round(y * (photo.shape[0] - height)), round(x * (photo.shape[1] - width))
    crop = photo[top : top + height, left : left + width]
    crop = crop[:, ::-1] if flip else crop
    shrinks = scale >= 1
    return np.asarray(
        cv2.resize(
            np.ascontiguousarray(crop), shape[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        ),
        np.uint8,
    )
