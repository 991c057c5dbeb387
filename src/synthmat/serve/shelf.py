"""The networks of a server by name, of which one is in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from synthmat.errors import AssetError
from synthmat.printable_names import expand_home
from synthmat.serve.refusal import RefusedError
from synthmat.train.predict.predictor import BASELINE, Predictor, open_predictor

_PLAIN_NAMES = ("best", "last", "model")


@dataclass(frozen=True)
class Shelved:
    """A network that can be asked: its name, the further pictures it needs, how it works, its size."""

    name: str
    place: str
    inputs: tuple[str, ...]
    how: str
    parameters: int


class Shelf:
    """The networks that a server was started with.

    All are opened once at the start, so that each is known to work. One stays in memory; asking another one puts that
    in its place. Several threads may ask.

    Args:
        models: Each a place as `synthmat.train.predict.predictor.open_predictor` takes it, or ``NAME=PLACE``. Without a
            name it is called after its file, or, where that is just called best or last, its folder.
        device: Where networks run.
        mode: How they see a large picture.
        size: See `synthmat.train.predict.sized_predictor.SizedPredictor`.

    Raises:
        AssetError: Two have one name, a file is not there, or is no network.
        OutputError: A checkpoint cannot be used.
        MissingDependencyError: What a network runs on is not installed.
    """

    def __init__(
        self, models: Sequence[str], device: str = "auto", mode: str = "auto", size: int | None = None
    ) -> None:
        if not models:
            raise AssetError("no network to serve; name a checkpoint, an .onnx file or baseline:NAME")
        self._how = (device, mode, size)
        self._lock = Lock()
        places: dict[str, str] = {}
        for model in models:
            name, place = _named(model)
            if not name or not place:
                raise AssetError(f"{model}: write NAME=PLACE, or the place alone")
            if name in places:
                raise AssetError(
                    f"{place}: is called {name} like {places[name]}; give one of them another name: {name}2={place}"
                )
            places[name] = place
        opened: dict[str, Shelved] = {}
        for name, place in reversed(places.items()):  # the first one last, so that it is the one in memory
            predictor = self._opened(place)
            opened[name] = Shelved(name, place, predictor.inputs, predictor.how, predictor.parameters)
            self._loaded = (name, predictor)
        self._models = {name: opened[name] for name in places}

    @property
    def models(self) -> tuple[Shelved, ...]:
        """All of them, in the order they were named."""
        return tuple(self._models.values())

    def named(self, name: str | None) -> Shelved:
        """Return the network of a name; the first one for None.

        Raises:
            RefusedError: There is none.
        """
        if name is None:
            return self.models[0]
        if name not in self._models:
            raise RefusedError(422, f"model: there is none called {name[:80]!r}; there are {', '.join(self._models)}")
        return self._models[name]

    def predictor(self, model: Shelved) -> Predictor:
        """Return a network ready to be asked, opened again if another one has taken its place in memory."""
        with self._lock:
            name, predictor = self._loaded
            if name != model.name:
                predictor = self._opened(model.place)
                self._loaded = (model.name, predictor)
            return predictor

    def _opened(self, place: str) -> Predictor:
        device, mode, size = self._how
        return open_predictor(place, device, mode, size)


def _named(model: str) -> tuple[str, str]:
    """Return the name and the place of a text that is ``PLACE`` or ``NAME=PLACE``."""
    label, sign, place = model.partition("=")
    if sign and "/" not in label and not Path(expand_home(model)).exists():
        return label, place
    if model.startswith(BASELINE):
        return model.removeprefix(BASELINE), model
    path = Path(expand_home(model)).absolute()
    named = path if path.is_dir() or path.stem not in _PLAIN_NAMES else path.parent
    if named.name == "training":
        named = named.parent
    return (named.stem if named.is_file() else named.name) or path.stem, model
