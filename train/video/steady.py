"""Mattes of a clip made steady without lagging behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from synthmat.images.alpha import Float, UInt8

REACH = 2
"""How many frames before and after one count."""

_LONGEST = 512
_LIKENESS = np.float32(0.05)
_SIDE = np.float32(0.8)


@dataclass(frozen=True)
class Step:
    """A frame with its matte: number, time, image uint8 ``(H, W, 3)``, alpha float32 ``(H, W)`` in [0, 1].

    ``foreground`` is its straight color, uint8, where the network gives it.
    """

    number: int
    pts: int
    image: UInt8
    alpha: Float
    foreground: UInt8 | None = None


@dataclass(frozen=True)
class _Seen:
    """A step at 512 pixels at most: gray for the motion, color for the likeness, and alpha."""

    step: Step
    gray: UInt8
    color: Float
    alpha: Float


def steadied(steps: Iterable[Step], reach: int = REACH) -> Iterator[Step]:
    """Yield steps whose alpha is averaged along the motion, with as many frames after a frame as before it.

    So it does not lag. Where a neighbor, moved by optical flow (Kroeger et al., "Fast Optical Flow using Dense Inverse
    Search", ECCV 2016), does not look like the frame, it does not count. All that is at 512 pixels; only the change is
    brought back to the full size, so that detail stays.

    Args:
        steps: In the order of their numbers.
        reach: Frames on either side; 0 changes nothing.
    """
    if not reach:
        yield from steps
        return
    flow: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    seen: deque[_Seen] = deque(maxlen=2 * reach + 1)
    waiting = 0
    for step in steps:
        seen.append(_seen(step))
        waiting += 1
        if waiting > reach:
            yield _steadied(seen, len(seen) - 1 - reach, flow, reach)
            waiting -= 1
    for behind in range(waiting, 0, -1):
        yield _steadied(seen, len(seen) - behind, flow, reach)


def _seen(step: Step) -> _Seen:
    height, width = step.alpha.shape
    scale = min(1.0, _LONGEST / max(height, width))
    size = max(16, round(width * scale)), max(16, round(height * scale))
    image = np.asarray(cv2.resize(step.image, size, interpolation=cv2.INTER_AREA), np.uint8)
    alpha = np.asarray(cv2.resize(step.alpha, size, interpolation=cv2.INTER_AREA), np.float32)
    gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    return _Seen(step, gray, image.astype(np.float32) / 255, alpha)


def _steadied(seen: deque[_Seen], place: int, flow: Any, reach: int) -> Step:
    here = seen[place]
    total, weight = here.alpha.copy(), np.ones_like(here.alpha)
    height, width = here.alpha.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    for other in range(max(0, place - reach), min(len(seen), place + reach + 1)):
        if other == place:
            continue
        motion = flow.calc(here.gray, seen[other].gray, None)
        there = (columns + motion[..., 0], rows + motion[..., 1])
        color = cv2.remap(seen[other].color, *there, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.remap(seen[other].alpha, *there, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        difference = cv2.blur(np.square(color - here.color).sum(2), (5, 5))
        counts = _SIDE * np.exp(-difference / (_LIKENESS * _LIKENESS))
        total += counts * alpha
        weight += counts
    size = here.step.alpha.shape[::-1]
    change = np.asarray(cv2.resize(total / weight - here.alpha, size, interpolation=cv2.INTER_LINEAR), np.float32)
    return replace(here.step, alpha=np.clip(here.step.alpha + change, 0, 1))
