"""The draws of one sample: where its objects lie, how its photo is shown, what the camera does to both."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from synthmat.compositor.planning.foregrounds import ForegroundCandidate
from synthmat.compositor.planning.photo_pool import PhotoPool
from synthmat.photos import Photo
from synthmat.random_streams import stream, uniform
from synthmat.recipe import Recipe, draw
from synthmat.recipe.composite import LARGEST_ZOOM, Composite
from synthmat.recipe.distributions import Number
from synthmat.recipe.realism import Effect
from synthmat.sample_job import (
    Backdrop,
    CapturedBackground,
    Layer,
    Realism,
    Recolor,
    SampleJob,
    TrimapDraw,
)

_POINTS = 8
_SEEDS = 2**31 - 1
# BackgroundMattingV2's color jitter of the captured background, and its misalignment: degrees, fraction of the edge.
_JITTER, _JITTER_HUE, _TURN, _SHIFT = 0.18, 36.0, 1.0, 0.01
_METHODS = ("kernel", "distance", "uncertainty")


class Circle:
    """Foregrounds spread over a circle by hashes of their names; a draw takes the first one after a random point.

    A further foreground takes over pieces of the circle from those that were there, and all other draws stay as they
    were. With an index drawn from 0 to their number, a further one would change nearly all.
    """

    def __init__(self, candidates: Sequence[ForegroundCandidate]) -> None:
        points = [
            (uniform(0, "circle", *candidate.name, number), place)
            for place, candidate in enumerate(candidates)
            for number in range(_POINTS)
        ]
        points.sort()
        self._starts = [start for start, _ in points]
        self._places = [place for _, place in points]
        self._candidates = candidates

    def draw(self, rng: np.random.Generator, identity: str) -> ForegroundCandidate | None:
        """Return a foreground of another ``identity``; None if there is none."""
        start = bisect_right(self._starts, float(rng.random()))
        for step in range(len(self._places)):
            candidate = self._candidates[self._places[(start + step) % len(self._places)]]
            if candidate.foreground.identity != identity:
                return candidate
        return None


@dataclass(frozen=True)
class Companions:
    """What else a sample may show: foregrounds and photos of its own split, and the frames of each clip in order."""

    by_split: dict[str, Circle]
    clips: dict[tuple[str, str], tuple[ForegroundCandidate, ...]]
    photos: Sequence[Photo]
    pools: Mapping[str, PhotoPool]

    @classmethod
    def of(
        cls,
        candidates: Sequence[ForegroundCandidate],
        splits: Sequence[str],
        config: Composite,
        photos: Sequence[Photo],
        pools: Mapping[str, PhotoPool],
    ) -> Companions:
        """Sort the candidates by split; none if the recipe has neither stacks nor distractors."""
        by_split: dict[str, list[ForegroundCandidate]] = {}
        if config.stack or config.distractors:
            for candidate, split in zip(candidates, splits, strict=True):
                by_split.setdefault(split, []).append(candidate)
        clips: dict[tuple[str, str], list[ForegroundCandidate]] = {}
        for candidate in candidates:
            if candidate.clip:
                clips.setdefault((candidate.foreground.object, candidate.clip), []).append(candidate)
        return cls(
            {split: Circle(its) for split, its in by_split.items()},
            {name: tuple(sorted(its, key=lambda frame: frame.frame)) for name, its in clips.items()},
            photos,
            pools,
        )

    def clip_of(self, candidate: ForegroundCandidate) -> tuple[ForegroundCandidate, ...]:
        """Return all frames of a candidate's clip, or itself."""
        return self.clips.get((candidate.foreground.object, candidate.clip), (candidate,))

    def another(
        self, candidate: ForegroundCandidate, split: str, rng: np.random.Generator
    ) -> ForegroundCandidate | None:
        """Draw a foreground of another object; None if there is none."""
        circle = self.by_split.get(split)
        other = circle.draw(rng, candidate.foreground.identity) if circle else None
        return self._in_step(other, candidate) if other else None

    def _in_step(self, other: ForegroundCandidate, candidate: ForegroundCandidate) -> ForegroundCandidate:
        """Return the frame of the other's clip that comes with this one's; a shorter clip starts over."""
        if not (other.clip and candidate.clip):
            return other
        frames = self.clip_of(other)
        return frames[(candidate.frame - self.clip_of(candidate)[0].frame) % len(frames)]


class _Streams:
    """Named streams of one sample; the frames of a clip share them."""

    def __init__(self, recipe: Recipe, candidate: ForegroundCandidate, number: int) -> None:
        self._names = candidate.foreground.object, candidate.clip or candidate.foreground.view, number
        self._seed = recipe.seed

    def __getitem__(self, what: str) -> np.random.Generator:
        return stream(self._seed, "composite", *self._names, what)


def sample_job(
    recipe: Recipe,
    sample_id: str,
    split: str,
    number: int,
    candidate: ForegroundCandidate,
    photo: Photo,
    companions: Companions,
) -> SampleJob:
    """Make every draw of a sample; an effect that is switched on changes no draw of the others."""
    config = recipe.composite
    streams = _Streams(recipe, candidate, number)
    clip = sample_id.rpartition("_")[0] if candidate.clip else ""
    realism = _realism(config, streams, candidate.frame)
    reference = None
    start = companions.clip_of(candidate)[0]
    if start is not candidate and (realism.color_transfer or realism.sharpness or realism.grain or realism.haze):
        reference = sample_job(recipe, f"{clip}_{start.frame:05d}", split, number, start, photo, companions)
    first = _layer(config, candidate, streams["placement"])
    others = _stacked(config, candidate, split, first, companions, streams["stack"])
    distractors = _distractors(config, candidate, split, companions, streams["distractors"])
    recolor = streams["recolor"]
    layers, distractors = (
        tuple(replace(layer, recolor=_recolor(config, split, companions, recolor)) for layer in its)
        for its in ((first, *others), distractors)
    )
    return SampleJob(
        id=sample_id,
        split=split,
        layers=layers,
        backdrop=_backdrop(config, photo, candidate, companions, streams),
        distractors=distractors,
        realism=realism,
        captured=_captured(config, streams["captured_bg"], candidate.frame),
        trimap=_trimap(config, streams["trimap"]),
        clip=clip,
        frame=candidate.frame,
        reference=reference,
    )


def _layer(config: Composite, candidate: ForegroundCandidate, rng: np.random.Generator) -> Layer:
    # One after another in this order: a distribution takes its numbers from the same stream.
    scale = draw(config.placement.scale, rng, 0.01, 20)
    x = draw(config.placement.x, rng, -10, 10)
    y = draw(config.placement.y, rng, -10, 10)
    flip = bool(rng.random() < config.placement.flip)
    rotate = draw(config.placement.rotate, rng, -180, 180)
    if config.placement.keep_frame:
        y = max(y, 1 - scale / 2)
        x = min(max(x, 1 - scale / 2), scale / 2) if scale >= 1 else x
    whole = bool(candidate.clip) or config.placement.keep_frame
    return Layer(candidate.foreground, scale, x, y, rotate, flip, whole=whole)


def _recolor(config: Composite, split: str, companions: Companions, rng: np.random.Generator) -> Recolor | None:
    rule = config.recolor
    if rule is None:
        return None
    changed, textured = (float(chance) for chance in rng.random(2))
    hue, saturation = draw(rule.hue, rng, -180, 180), draw(rule.saturation, rng, 0, 4)
    contrast, brightness = draw(rule.contrast, rng, 0, 4), draw(rule.brightness, rng, -1, 1)
    uniform, zoom = draw(rule.fraction, rng, 0, 1), float(rng.uniform(1, 4))
    crop_x, crop_y, flip = (float(each) for each in rng.random(3))
    (number,) = companions.pools[split].drawn(1, rng)
    photo = companions.photos[number]
    place = Backdrop(photo.path, photo.name, photo.sha256, crop_x, crop_y, zoom=zoom, flip=flip < 0.5)
    texture = place if textured < rule.texture and uniform > 0 else None
    if changed >= rule.probability:
        return None if texture is None else Recolor(texture=texture, share=uniform)
    return Recolor(hue, saturation, contrast, brightness, texture, uniform if texture else 0.0)


def _stacked(
    config: Composite,
    candidate: ForegroundCandidate,
    split: str,
    first: Layer,
    companions: Companions,
    rng: np.random.Generator,
) -> tuple[Layer, ...]:
    stack = config.stack
    if stack is None or rng.random() >= stack.probability:
        return ()
    layers = []
    for _ in range(int(rng.integers(1, stack.count))):
        other = companions.another(candidate, split, rng)
        if other is None:
            break
        layer = _layer(config, other, rng)
        apart, angle = draw(stack.spacing, rng, 0, 3), rng.uniform(0, 2 * math.pi)
        x, y = first.x + apart * math.cos(angle), first.y + apart * math.sin(angle)
        layers.append(Layer(layer.foreground, layer.scale, x, y, layer.rotate, layer.flip, layer.whole))
    return tuple(layers)


def _distractors(
    config: Composite, candidate: ForegroundCandidate, split: str, companions: Companions, rng: np.random.Generator
) -> tuple[Layer, ...]:
    rule = config.distractors
    if rule is None or rng.random() >= rule.probability:
        return ()
    layers = []
    for _ in range(int(rng.integers(1, rule.count + 1))):
        other = companions.another(candidate, split, rng)
        if other is None:
            break
        scale, x, y = draw(rule.scale, rng, 0.01, 20), rng.uniform(0, 1), rng.uniform(0, 1)
        flip, blur = bool(rng.random() < 0.5), draw(rule.blur, rng, 0, 0.2)
        whole = bool(other.clip)
        layers.append(Layer(other.foreground, scale, float(x), float(y), 0.0, flip, whole=whole, blur=blur))
    return tuple(layers)


def _backdrop(
    config: Composite, photo: Photo, candidate: ForegroundCandidate, companions: Companions, streams: _Streams
) -> Backdrop:
    rng = streams["photo"]
    crop_x, crop_y, flip = (float(each) for each in rng.random(3))
    numbers: dict[str, tuple[Number, float, float]] = {
        "zoom": (config.photo.zoom, 1, LARGEST_ZOOM),
        "blur": (config.photo.blur, 0, 0.2),
        "rotate": (config.photo.rotate, -180, 180),
        "brightness": (config.photo.brightness, -1, 1),
        "contrast": (config.photo.contrast, 0, 4),
        "saturation": (config.photo.saturation, 0, 4),
        "hue": (config.photo.hue, -180, 180),
    }
    drawn = {name: draw(number, rng, low, high) for name, (number, low, high) in numbers.items()}
    pan = 0.0
    if candidate.clip:
        pan_rng = streams["pan"]
        pan, angle = draw(config.clips.pan, pan_rng, 0, 1), pan_rng.uniform(0, 2 * math.pi)
        frames = companions.clip_of(candidate)
        start, end = frames[0].frame, frames[-1].frame
        way = pan * ((candidate.frame - start) / max(1, end - start) - 0.5)
        crop_x, crop_y = (
            float(np.clip(pan / 2 + at * (1 - pan) + way * turn, 0, 1))
            for at, turn in ((crop_x, math.cos(angle)), (crop_y, math.sin(angle)))
        )
    flipped = bool(flip < config.photo.flip)
    return Backdrop(photo.path, photo.name, photo.sha256, crop_x, crop_y, flip=flipped, panned=pan > 0, **drawn)


def _effect(effect: Effect | None, rng: np.random.Generator) -> float:
    if effect is None or rng.random() >= effect.probability:
        return 0.0
    return draw(effect.strength, rng, 0, 1)


def _realism(config: Composite, streams: _Streams, frame: int) -> Realism:
    realism = config.realism
    exposure = temperature = noise = quality = 0.0
    if realism.exposure is not None:
        rng = streams["exposure"]
        exposure = draw(realism.exposure.stops, rng, -4, 4) if rng.random() < realism.exposure.probability else 0.0
    if realism.white_balance is not None:
        rng, balance = streams["white_balance"], realism.white_balance
        temperature = draw(balance.temperature, rng, -1, 1) if rng.random() < balance.probability else 0.0
    if realism.noise is not None:
        rng = streams["noise"]
        noise = draw(realism.noise.sigma, rng, 0, 0.3) if rng.random() < realism.noise.probability else 0.0
    if realism.jpeg is not None:
        rng = streams["jpeg"]
        quality = draw(realism.jpeg.quality, rng, 1, 100) if rng.random() < realism.jpeg.probability else 0.0
    seeded = noise > 0 or realism.grain is not None
    return Realism(
        color_transfer=_effect(realism.color_transfer, streams["color_transfer"]),
        sharpness=_effect(realism.sharpness, streams["sharpness"]),
        grain=_effect(realism.grain, streams["grain"]),
        shadow=_effect(realism.shadow, streams["shadow"]),
        haze=_effect(realism.haze, streams["haze"]),
        exposure=exposure,
        temperature=temperature,
        noise=noise,
        jpeg_quality=round(quality),
        seed=(int(streams["seed"].integers(_SEEDS)) + frame) % _SEEDS if seeded else 0,
    )


def _captured(config: Composite, rng: np.random.Generator, frame: int) -> CapturedBackground:
    if "captured_bg" not in config.outputs:
        return CapturedBackground()
    rule = config.captured_background
    color, moved = _effect(rule.color, rng), _effect(rule.misaligned, rng)
    noise = draw(rule.noise.sigma, rng, 0, 0.3) if rng.random() < rule.noise.probability else 0.0
    brightness, contrast, saturation, hue, turn, x, y = (float(each) for each in rng.uniform(-1, 1, 7))
    return CapturedBackground(
        brightness=1 + color * _JITTER * brightness,
        contrast=1 + color * _JITTER * contrast,
        saturation=1 + color * _JITTER * saturation,
        hue=color * _JITTER_HUE * hue,
        noise=noise,
        rotate=moved * _TURN * turn,
        shift_x=moved * _SHIFT * x,
        shift_y=moved * _SHIFT * y,
        seed=(int(rng.integers(_SEEDS)) + frame) % _SEEDS,
    )


def _trimap(config: Composite, rng: np.random.Generator) -> TrimapDraw:
    if "trimap" not in config.outputs:
        return TrimapDraw()
    rule = config.trimap
    drawn = _METHODS[int(rng.integers(len(_METHODS)))]
    erode, dilate = draw(rule.erode, rng, 0, 500), draw(rule.dilate, rng, 0, 500)
    return TrimapDraw(drawn if rule.method == "any" else rule.method, round(erode), round(dilate))
