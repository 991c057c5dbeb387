"""Haircuts: loose, curly, blown by wind or short, and hair tied in a tail, two tails or a braid."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array, frames_along, unit
from synthmat.blender_scenes.builtins._parts.hair_style import Fall, HairBody, combed, fallen, tied
from synthmat.blender_scenes.builtins._parts.material import plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import Indices, tube
from synthmat.blender_scenes.builtins._parts.strands import finer, gathered, locks, waved


def loose_hair(style: str, body: HairBody, roots: Array, loose: Array, rng: np.random.Generator) -> Array:
    """Return strands ``(n, points, 3)`` of a loose, curly, wind or short style.

    Args:
        style: One of the four.
        body: What it grows on.
        roots: Directions of the roots ``(n, 3)``.
        loose: How much each strand leaves the others ``(n,)``, from 0 to 1.
        rng: Draws the rest.
    """
    count, ball = len(roots), body.base == "ball"
    long = {"loose": (1.6, 3.4), "wind": (1.7, 2.8), "curly": (1.0, 2.4), "short": (0.3, 0.8)}[style]
    length = rng.uniform(*long) * rng.uniform(0.85, 1.0, count) * np.where(loose > 0, rng.uniform(0.4, 1, count), 1)
    fringe = np.zeros(count)
    if not ball and style != "wind" and rng.random() < 0.35:
        front = (roots[:, 1] < -0.42) & (np.abs(roots[:, 0]) < 0.5)
        fringe = np.where(front, 1.0, 0.0)
        length = np.where(front, rng.uniform(0.5, 0.62) * rng.uniform(0.9, 1.1, count) + (roots[:, 2] - 0.7), length)
    parting = None if rng.random() < (0.9 if style in ("wind", "short") else 0.2) else rng.uniform(-0.3, 0.3)
    comb = combed(roots, parting, fringe)
    upright = {"loose": 0.3, "wind": 0.5, "curly": 0.7, "short": rng.uniform(0.5, 2.5)}[style]
    wind = np.zeros(3)
    if style == "wind":
        angle = rng.uniform(0.15 * np.pi, 0.85 * np.pi)
        wind = np.array([np.cos(angle), np.sin(angle), rng.uniform(-0.1, 0.35)]) * rng.uniform(2.5, 4.5)
    fall = Fall(
        gravity={"loose": 3.5, "wind": 1.2, "curly": 2.2, "short": rng.uniform(0.2, 1.5)}[style],
        wind=wind,
        disorder=rng.uniform(0.01, 0.04) * (2 if style in ("wind", "curly") else 1),
        lift=rng.uniform(0.1, 0.2) * {"loose": 1, "wind": 2, "curly": 2.2, "short": 2}[style],
    )
    start = roots * (body.head(roots) - 0.01)[:, None]
    points = fallen(body, start, comb + roots * upright, length, 18, fall, loose, rng)
    apart = np.sign(roots[:, :1] - parting) * 0.6 if parting is not None else np.zeros((count, 1))
    leader = locks(np.concatenate([roots, apart, fringe[:, None]], 1), int(rng.integers(120, 500)), rng)
    points = gathered(points, leader, rng.uniform(0.3, 0.8), rng.uniform(0.02, 0.06), rng)
    points = finer(points, 44 if style == "curly" or (style == "short" and rng.random() < 0.5) else 28)
    return _with_waves(body, points, leader, rng)


def _with_waves(body: HairBody, points: Array, leader: Indices, rng: np.random.Generator) -> Array:
    """Return strands with the waves or curls of their locks, outside of the body."""
    count, number = points.shape[:2]
    curly = number > 40
    phase = rng.uniform(0, 2 * np.pi, count)[leader] + rng.normal(0, 0.4, count)
    height = rng.uniform(0.045, 0.09) if curly else rng.choice([0.0, rng.uniform(0.02, 0.07)])
    length = rng.uniform(0.22, 0.5) if curly else rng.uniform(0.5, 1.1)
    growing = np.clip(np.linspace(0, 4, number), 0, 1)[None]
    points = waved(points, phase, height * growing, length, rng.uniform(0.7, 1.0) if curly else 0.3)
    # Frizz: what each strand does alone.
    points = waved(points, rng.uniform(0, 6.28, count), rng.uniform(0.003, 0.01) * growing, rng.uniform(0.3, 0.7), 1.0)
    return body.push_out(points, 0.006)


def tied_hair(style: str, body: HairBody, roots: Array, loose: Array, rng: np.random.Generator) -> Array:
    """Return strands that lie close to the head up to one tie or two, and add the ties to the scene."""
    count = len(roots)
    up = rng.uniform(-0.4, 0.9) if style != "tail" or rng.random() < 0.6 else rng.uniform(0.9, 3.0)
    ties = [unit(np.array([0.0, 1.0, up]))]
    if style == "tails":
        ties = [unit(np.array([side, rng.uniform(0.2, 0.5), up * 0.8])) for side in (-1.0, 1.0)]
    which = (roots[:, 0] > 0).astype(int) if len(ties) == 2 else np.zeros(count, int)
    head = tied(body, roots, np.array(ties)[which], 14, rng.uniform(0.0, 0.07, count) + 0.25 * loose**2)
    length = rng.uniform(1.2, 2.8)
    tails = np.empty((count, 30, 3))
    band = plain("band", random_color(rng, saturation=(0.3, 0.9)), roughness=0.7)
    for k, tie in enumerate(ties):
        mine = which == k
        at = tie * (body.head(tie) + 0.1)
        thick = rng.uniform(0.1, 0.15) * (1 if len(ties) == 1 else 0.8)
        disc = _disc(tie, int(mine.sum()), thick, rng)
        own = loose[mine]
        if style == "braid":
            tails[mine] = _braid(body, at, tie, disc, length, rng)
        else:
            fall = Fall(rng.uniform(3.0, 7.0), np.zeros(3), rng.uniform(0.015, 0.04), 0.22)
            many = length * rng.uniform(0.75, 1.0, len(disc))
            start = at + disc * 0.75
            ahead = tie + disc / thick * rng.uniform(0.1, 0.4)
            falling = fallen(body, start, ahead, many, 16, fall, own, rng)
            leader = locks(disc, 60, rng)
            tails[mine] = finer(gathered(falling, leader, rng.uniform(0.3, 0.7), 0.04, rng), 30)
        head[mine, -1] = tails[mine, 0]
        ring = _ring(at, tie, thick * 0.82)
        tube("band", band, ring, thick * rng.uniform(0.25, 0.4), closed=True)
    points = np.concatenate([head[:, :-1], tails], axis=1)
    height = np.concatenate([np.zeros(14), np.clip(np.linspace(0, 4, 29), 0, 1)])[None]
    if style != "braid":
        phase = rng.normal(0, 0.6, count)
        wave = rng.choice([0.0, rng.uniform(0.02, 0.08)])
        points = waved(points, phase, wave * height, rng.uniform(0.35, 0.9), rng.uniform(0.2, 1.0))
    points = waved(points, rng.uniform(0, 6.28, count), 0.006 * height, 0.5, 1.0)
    return body.push_out(points, 0.006)


def _disc(normal: Array, count: int, radius: float, rng: np.random.Generator) -> Array:
    """Return points ``(count, 3)`` of a disc round the origin."""
    side = unit(np.cross(normal, [0.9, 0.1, 0.3]))
    other = np.cross(normal, side)
    angle = rng.uniform(0, 2 * np.pi, count)
    out = radius * np.sqrt(rng.uniform(0, 1, count))
    points: Array = (out * np.cos(angle))[:, None] * side + (out * np.sin(angle))[:, None] * other
    return points


def _ring(center: Array, normal: Array, radius: float) -> Array:
    side = unit(np.cross(normal, [0.9, 0.1, 0.3]))
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)[:, None]
    ring: Array = center + radius * (np.cos(angle) * side + np.sin(angle) * np.cross(normal, side))
    return ring


def _braid(body: HairBody, at: Array, tie: Array, disc: Array, length: float, rng: np.random.Generator) -> Array:
    """Return strands ``(n, 30, 3)`` in three plaits that cross each other, and a loose end."""
    fall = Fall(3.0, np.zeros(3), 0.0, 0.2)
    middle = finer(fallen(body, at[None], tie[None] + 0.0, np.array([length]), 16, fall, np.zeros(1), rng), 30)[0]
    side, other = frames_along(middle, closed=False)
    plait = np.arange(len(disc)) % 3
    along = np.linspace(0, 1, 30)
    phase = along * length * rng.uniform(5.5, 8.0) + plait[:, None] * (2 * np.pi / 3)
    wide = np.linalg.norm(disc, axis=1).max() * 0.95
    slim = 1 - 0.5 * along**2
    radius, angle = np.linalg.norm(disc, axis=1) / wide * 0.5, rng.uniform(0, 2 * np.pi, len(disc))
    open_end = 0.4 + 0.6 * np.clip((along - 0.88) / 0.12, 0, 1)
    x = np.sin(phase) * wide * slim * np.clip((0.95 - along) / 0.1, 0.2, 1)
    y = np.sin(2 * phase) * wide * 0.45 * slim
    thick = wide * 1.25 * slim * np.clip(open_end + 0.25, 0, 1.2)
    x = x + (radius * np.cos(angle))[:, None] * thick
    y = y + (radius * np.sin(angle))[:, None] * thick
    strands: Array = middle + x[..., None] * side + y[..., None] * other
    return strands
