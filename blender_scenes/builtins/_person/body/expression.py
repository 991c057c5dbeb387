"""What a face does: strengths of face units (FACS-like, as of ARKit), and where the eyes look."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

Range = tuple[float, float]

_BOTH = ("Left", "Right")
_EXPRESSIONS: dict[str, tuple[float, dict[str, Range]]] = {  # how often; unit (of both sides if it has sides): range
    "neutral": (3.0, {"mouthPress": (0, 0.2), "browInnerUp": (0, 0.15), "eyeSquint": (0, 0.15)}),
    "smile": (
        2.5,
        {"mouthSmile": (0.35, 0.7), "cheekSquint": (0.15, 0.4), "eyeSquint": (0.1, 0.3), "mouthDimple": (0, 0.3)},
    ),
    "open_smile": (
        2.0,
        {
            "mouthSmile": (0.55, 0.85), "mouthUpperUp": (0.35, 0.65), "mouthLowerDown": (0.2, 0.5),
            "jawOpen": (0.03, 0.1), "cheekSquint": (0.3, 0.6), "eyeSquint": (0.1, 0.35),
        },
    ),
    "laugh": (
        1.0,
        {
            "mouthSmile": (0.65, 0.95), "mouthUpperUp": (0.3, 0.6), "mouthLowerDown": (0.2, 0.5),
            "jawOpen": (0.22, 0.42), "cheekSquint": (0.5, 0.8), "eyeSquint": (0.4, 0.7), "browInnerUp": (0, 0.3),
        },
    ),
    "talk": (
        1.5,
        {
            "jawOpen": (0.06, 0.26), "mouthFunnel": (0, 0.4), "mouthUpperUp": (0, 0.25), "mouthLowerDown": (0, 0.35),
            "mouthPucker": (0, 0.2), "browInnerUp": (0, 0.3), "browOuterUp": (0, 0.25),
        },
    ),
    "frown": (
        0.8,
        {"browDown": (0.5, 0.95), "mouthFrown": (0.15, 0.5), "mouthPress": (0.1, 0.4), "eyeSquint": (0.1, 0.35)},
    ),
    "surprise": (
        0.7,
        {
            "browInnerUp": (0.5, 0.9), "browOuterUp": (0.5, 0.9), "eyeWide": (0.4, 0.9), "jawOpen": (0.12, 0.4),
            "mouthFunnel": (0.1, 0.4),
        },
    ),
    "sad": (0.6, {"browInnerUp": (0.5, 0.85), "mouthFrown": (0.3, 0.65), "mouthShrugLower": (0.1, 0.4)}),
    "skeptical": (0.5, {"browDownLeft": (0.3, 0.7), "browOuterUpRight": (0.4, 0.8), "mouthLeft": (0.1, 0.4)}),
    "disgust": (0.3, {"noseSneer": (0.4, 0.8), "mouthUpperUp": (0.2, 0.5), "browDown": (0.2, 0.6)}),
    "pout": (0.4, {"mouthPucker": (0.4, 0.8), "browDown": (0, 0.4)}),
    "eyes_closed": (0.4, {"eyeBlink": (0.95, 1.0), "mouthSmile": (0, 0.3)}),
}  # fmt: skip
EXPRESSIONS = tuple(_EXPRESSIONS)

_SIDED = 0.12
"""The standard deviation of the difference between both sides of a face, as a part of the strength."""
LOOK_MOST = 25.0
"""Degrees that the eyes turn from straight ahead; a unit of the lids at full strength follows so far."""


@dataclass(frozen=True)
class Expression:
    """An expression: its ``name``, the ``units`` of the face with strengths from 0 to 1, and the gaze.

    ``look_left`` and ``look_up`` are degrees that both eyes turn, to the person's left and up.
    """

    name: str
    units: dict[str, float] = field(default_factory=dict)
    look_left: float = 0.0
    look_up: float = 0.0


def random_expression(rng: np.random.Generator, units: tuple[str, ...], name: str | None = None) -> Expression:
    """Return an expression, the named one or any; ``units`` are the names of the units that there are."""
    odds = np.array([odds for odds, _ in _EXPRESSIONS.values()])
    drawn = str(rng.choice(EXPRESSIONS, p=odds / odds.sum()))
    chosen = drawn if name is None else name
    strengths: dict[str, float] = {}
    for unit, (low, high) in _EXPRESSIONS[chosen][1].items():
        strength = rng.uniform(low, high)
        for label in (unit,) if unit in units else (unit + side for side in _BOTH):
            strengths[label] = float(np.clip(strength * (1 + rng.normal(0, _SIDED)), 0, 1))
    left, up = (float(np.clip(rng.normal(0, spread), -LOOK_MOST, LOOK_MOST)) for spread in (7, 4))
    for label, strength in _lids(left, up).items():
        strengths[label] = strengths.get(label, 0.0) + strength
    if "eyeBlinkLeft" not in strengths:
        blink = float(rng.uniform(0, 0.18))
        strengths |= {"eyeBlinkLeft": blink, "eyeBlinkRight": blink}
    return Expression(chosen, strengths, left, up)


def _lids(left: float, up: float) -> dict[str, float]:
    """Return how the skin around the eyes follows them."""
    across, along = abs(left) / LOOK_MOST, abs(up) / LOOK_MOST
    out, inward = ("Left", "Right") if left >= 0 else ("Right", "Left")
    level = "Up" if up >= 0 else "Down"
    return {
        f"eyeLookOut{out}": across,
        f"eyeLookIn{inward}": across,
        **{f"eyeLook{level}{side}": along for side in _BOTH},
    }
