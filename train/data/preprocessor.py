"""From the pictures of a sample to what the network is shown: cut or resized, changed at random, with a trimap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthmat.images.trimap import METHODS, make_trimap
from synthmat.random_streams import stream
from synthmat.recipe.composite import Trimap
from synthmat.recipe.distributions import draw
from synthmat.recipe.train import Augment, Train
from synthmat.train.data.augment import Planes, augment, unchanged
from synthmat.train.data.mixture import Draw
from synthmat.train.data.resizing import Pictures, cut, resized

_LARGEST_CROP = 2.0


@dataclass(frozen=True)
class Preprocessor:
    """Makes the example of a `Draw`, always the same for the same one; safe to call from threads.

    ``kinds`` are what the network and its loss need. Without ``augment`` nothing is changed at random, and what has to
    be drawn (where a crop lies, how large a trimap's unknown region is) is drawn once for all epochs.
    """

    size: int
    crop: bool
    kinds: frozenset[str]
    trimap: Trimap
    augment: Augment | None
    seed: int

    @classmethod
    def of(cls, config: Train, kinds: frozenset[str], seed: int, *, training: bool) -> Preprocessor:
        """Return the maker of training or of validation examples for a recipe's section."""
        change = config.augment if training else None
        return cls(config.size, config.fit == "crop", kinds, config.trimap, change, seed)

    def __call__(self, draw: Draw) -> Planes:
        """Return the pictures of ``kinds``, float32 in [0, 1]: ``(S, S, 3)``, alpha and trimap ``(S, S)``."""
        pictures = draw.source.samples.pictures(draw.index, draw.draw)
        pictures = {kind: pixels for kind, pixels in pictures.items() if kind in self.kinds}
        if self.crop:
            pictures = _cropped(pictures, self.size, stream(self.seed, "crop", *draw.names))
        pictures = resized(pictures, self.size, self.size)
        if self.augment is None:
            planes = unchanged(pictures)
        else:
            planes = augment(pictures, self.augment, stream(self.seed, "augment", *draw.names))
        if "trimap" in self.kinds and "trimap" not in planes:
            planes["trimap"] = self._trimap(planes, stream(self.seed, "trimap", *draw.names))
        return planes

    def _trimap(self, planes: Planes, rng: np.random.Generator) -> NDArray[np.float32]:
        rule = self.trimap
        drawn = METHODS[int(rng.integers(len(METHODS)))]
        erode, dilate = draw(rule.erode, rng, 0, 500), draw(rule.dilate, rng, 0, 500)
        # In 16 bits, what was full before a warp is full after it.
        levels = np.rint(planes["alpha"] * 65535).astype(np.uint16)
        made = make_trimap(levels, drawn if rule.method == "any" else rule.method, round(erode), round(dilate))
        return unchanged({"trimap": made})["trimap"]


def _cropped(pictures: Pictures, size: int, rng: np.random.Generator) -> Pictures:
    """Return a square about a pixel that is partly covered (any, if none is), one to two times ``size`` wide.

    Xu et al., "Deep Image Matting" (CVPR 2017), section 3.3. It is as near the pixel as the picture's edges allow, and
    no larger than the picture.
    """
    alpha = pictures["alpha"]
    height, width = alpha.shape
    side = min(round(size * rng.uniform(1, _LARGEST_CROP)), height, width)
    pick, any_y, any_x = rng.random(3)
    partly = np.flatnonzero((alpha > 0) & (alpha < 65535))
    if len(partly):
        y, x = divmod(int(partly[int(pick * len(partly))]), width)
    else:
        y, x = int(any_y * height), int(any_x * width)
    top, left = (min(max(0, at - side // 2), edge - side) for at, edge in ((y, height), (x, width)))
    return cut(pictures, top, left, side)
