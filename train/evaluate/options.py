"""What `synthmat evaluate` is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from synthmat.errors import AssetError
from synthmat.images.picture_size import MOST_MEGAPIXELS
from synthmat.train.metrics import check_preset
from synthmat.train.predict.predictor import MODES

TRIMAPS = ("auto", "made", "file")


@dataclass(frozen=True)
class EvaluateOptions:
    """What is measured of what.

    ``layout`` and ``split`` choose the images: ``split`` None is ``test`` if there is one, else ``val``, else all.
    ``presets`` are of `synthmat.train.metrics.PRESETS`. ``trimap``: ``file`` takes the data set's, ``made`` one made
    from the true alpha, ``auto`` the latter where there is none. ``size`` shrinks everything to this longer side before
    anything else; None measures at each image's own resolution. ``mode`` is that of `NetworkPredictor`.
    ``backgrounds`` are put behind cut-outs without an image, as in a recipe. ``limit`` images are spread evenly.
    Pictures of more than ``max_megapixels`` are not measured, and named.
    """

    layout: str = "auto"
    split: str | None = None
    presets: tuple[str, ...] = ("dim",)
    trimap: str = "auto"
    size: int | None = None
    mode: str = "auto"
    backgrounds: str = "builtin"
    limit: int | None = None
    max_megapixels: float = MOST_MEGAPIXELS
    device: str = "auto"
    quiet: bool = False

    def __post_init__(self) -> None:
        try:
            for preset in self.presets:
                check_preset(preset)
        except ValueError as error:
            raise AssetError(f"--preset: {error}") from None
        for what, value, known in (("trimap", self.trimap, TRIMAPS), ("mode", self.mode, MODES)):
            if value not in known:
                raise AssetError(f"--{what} {value}: there are {', '.join(known)}")
