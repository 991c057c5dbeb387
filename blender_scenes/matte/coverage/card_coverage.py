"""Mattes of textured cards without a path tracer: triangles that let light through by a picture's alpha.

Each pixel's square is looked at in the same points of a lattice: row by row of points, triangles become spans, spans
become places in their textures, and the transmittances of all that lie behind each other are multiplied point by
point, so that what hides what is right. What a pixel shows is the mean over the nine squares round it, weighted by the
film's filter. Squares without a card need no points, nor do those that opaque surfaces hide.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.materials.card import CardAlpha
from synthmat.blender_scenes.matte.coverage.coverage import Outline, behind, boundaries, edge_table, filter_density

Float = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Single = npt.NDArray[np.float32]

FIBONACCI = (13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597)
"""Numbers of points for which the number before is the lattice's best generator."""

_BORDERS = {"REPEAT": cv2.BORDER_WRAP, "EXTEND": cv2.BORDER_REPLICATE, "MIRROR": cv2.BORDER_REFLECT}
_OPAQUE = 60.0
"""Optical thickness of what lets nothing through."""
_LONGEST = 64
_MAX_POINTS = 300_000
"""At once: few enough to stay in the processor's cache, which halves the time."""
_COLUMNS = 8192
_FARTHEST = 30_000
"""Pixels from a texture's corner that `cv2.remap` can still look up."""


class Cards(NamedTuple):
    """Triangles: ``points`` (V, 3) in the world, corners ``faces`` (N, 3), and for each (N,) which of ``alphas``.

    ``places`` (N, 3, 2) are the corners' places in its picture, in pixels from the middle of the first. ``single``
    (N,), where there are any, are those that are not seen from behind.
    """

    points: Float
    faces: Indices
    places: Float
    kinds: Indices
    alphas: tuple[CardAlpha, ...]
    single: Mask | None = None


class SeenCards(NamedTuple):
    """Cards as a camera sees them: corners (N, 3) in pixels, top to bottom, and what changes evenly over each.

    That is 1 / depth and both places over depth: ``values`` (3, N) at the first corner, and how they change with x and
    with y.
    """

    x: Float
    y: Float
    values: Single
    across: Single
    down: Single
    kinds: Indices
    alphas: tuple[CardAlpha, ...]


class _Block(NamedTuple):
    """Rows of squares, the first of which is ``top``, that are ``wanted`` (rows, columns), and the lattice in each.

    The lattice is a point on each of as many lines as there are ``shifts`` (points,) to the right of the square's side,
    and ``offset`` is how far these lines are moved down, of the way to the next.
    """

    wanted: Mask
    top: int
    shifts: Float
    offset: float


class _Spans(NamedTuple):
    """Parts of triangles along lines of points: triangle, line, first square and the one after the last."""

    card: Indices
    line: Indices
    first: Indices
    last: Indices


def textured(alpha: CardAlpha, uv: Float) -> Float | None:
    """Return places for `Cards` of UV coordinates ``(N, 3, 2)``; None where they are too far from the picture."""
    if alpha.lookup is None:
        return np.zeros_like(uv)
    matrix = np.array(alpha.lookup.matrix)
    uv = uv @ matrix[:, :2].T + matrix[:, 2]
    if alpha.lookup.extension in ("REPEAT", "MIRROR"):
        uv = uv - 2 * np.floor(uv.min(axis=1, keepdims=True, initial=np.inf) / 2)
    places = uv * alpha.picture.shape[::-1] - 0.5
    return places if (np.abs(places) < _FARTHEST).all() else None


def project_cards(cards: Cards, matrix: Float, intrinsics: Float, *, near: float, far: float) -> SeenCards | None:
    """Return what a camera sees of cards; None if it is nothing, or some do not lie between its clipping planes.

    ``matrix`` is the camera's ``(4, 4)``, camera to world, looking along its own -Z, ``intrinsics`` ``(3, 3)`` in
    pixels.
    """
    seen = (cards.points - matrix[:3, 3]) @ matrix[:3, :3]
    depth = -seen[:, 2]
    if depth.min() <= near or depth.max() >= far:
        return None
    if cards.single is not None:
        shown = ~(cards.single & behind(seen[cards.faces]))
        if not shown.any():
            return None
        cards = cards._replace(faces=cards.faces[shown], places=cards.places[shown], kinds=cards.kinds[shown])
    x = intrinsics[0, 2] + intrinsics[0, 0] * seen[:, 0] / depth
    y = intrinsics[1, 2] - intrinsics[1, 1] * seen[:, 1] / depth
    order = np.argsort(y[cards.faces], axis=1, kind="stable")
    faces = np.take_along_axis(cards.faces, order, axis=1)
    x, y, closeness = x[faces], y[faces], 1 / depth[faces][..., None]
    places = np.take_along_axis(cards.places, order[..., None], axis=1)
    corners = np.concatenate([closeness, places * closeness], axis=2).T
    (ax, bx), (ay, by) = (x[:, 1:] - x[:, :1]).T, (y[:, 1:] - y[:, :1]).T
    area = ax * by - bx * ay
    area[area == 0] = np.inf
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    changes = corners[:, 0], (a * by - b * ay) / area, (b * ax - a * bx) / area
    values, across, down = (np.ascontiguousarray(part, np.float32) for part in changes)
    return SeenCards(x, y, values, across, down, cards.kinds, cards.alphas)


def layers(cards: SeenCards, width: int, height: int) -> Indices:
    """Return how many sides and insides of cards reach into each square, ``(height + 2, width + 2)``.

    There is a square more on each side than there are pixels.
    """
    rows, columns = height + 2, width + 2
    x, y = cards.x + 1, cards.y + 1
    head, tail = np.stack([x, y], 2).reshape(-1, 2), np.stack([np.roll(x, -1, 1), np.roll(y, -1, 1)], 2).reshape(-1, 2)
    low, high = np.minimum(head, tail)[:, 1], np.maximum(head, tail)[:, 1]
    top, bottom = (np.floor(np.clip(end, -1, rows)).astype(np.int64) for end in (low, high))
    side, row = _counted(top, bottom + 1)
    way = tail[side] - head[side]
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = [(np.clip(line, low[side], high[side]) - head[side, 1]) / way[:, 1] for line in (row, row + 1)]
    flat = way[:, 1] == 0
    reach = [
        head[side, 0] + np.where(flat, at, fraction) * way[:, 0] for at, fraction in zip((0, 1), ends, strict=True)
    ]
    _, line, start, stop = _crossed(cards, 1, 0.5, 0, rows)
    row = np.concatenate([row, line])
    first = np.concatenate([np.minimum(*reach), start])
    last = np.concatenate([np.maximum(*reach), stop])
    kept = (row >= 0) & (row < rows) & (last >= 0) & (first < columns)
    row = row[kept]
    first, last = (np.floor(np.clip(end[kept], 0, columns - 1)).astype(np.int64) for end in (first, last))
    found = np.zeros((rows, columns + 1), np.int64)
    size = rows * (columns + 1)
    found += np.bincount(row * (columns + 1) + first, minlength=size).reshape(found.shape)
    found -= np.bincount(row * (columns + 1) + last + 1, minlength=size).reshape(found.shape)
    return np.asarray(np.cumsum(found, axis=1)[:, :-1])


def card_coverage(
    cards: SeenCards, outline: Outline, where: Mask, depth: Indices, *, points: int, offsets: tuple[float, float, bool]
) -> Float:
    """Return alpha ``(height, width)`` in 0..1 of cards and what is inside an outline, 0 but ``where`` it is wanted.

    ``points`` in each pixel's square are one of `FIBONACCI`, or 5; ``offsets`` (0..1) shift their lattice and tell
    whether it is mirrored. ``depth`` is what `layers` returned.
    """
    height, width = where.shape
    squares = cv2.dilate(np.pad(where, 1).astype(np.uint8), np.ones((3, 3))) > 0
    weights, shifts = _lattice(points, offsets)
    sides = edge_table(outline, height, points, offsets[1])
    sums = np.zeros((9, height + 2, width + 2))
    for first, last in _bands(squares, depth, points):
        block = _Block(squares[first:last], first, shifts, offsets[1])
        hidden = boundaries(sides, first * points, last * points, width)
        sums[:, first:last][:, block.wanted] = weights @ (
            1 - _transmittance(_within(cards, first, last), hidden, block)
        )
    found = np.zeros((height, width))
    for i in range(9):
        found += sums[i, i // 3 : i // 3 + height, i % 3 : i % 3 + width]
    return np.where(where, np.clip(found, 0, 1), 0.0)


def _lattice(points: int, offsets: tuple[float, float, bool]) -> tuple[Float, Float]:
    """Return what each point of a square counts in the pixels round it, (9, points), and where in its line it is.

    Of the nine, the first is for the pixel whose square is below and to the right.
    """
    generator = FIBONACCI[FIBONACCI.index(points) - 1] if points > FIBONACCI[0] else 8
    generator = -generator if offsets[2] else generator
    x = (np.arange(points) * generator % points / points + offsets[0]) % 1
    y = (np.arange(points) + offsets[1]) / points
    step = np.array([[-1.5], [-0.5], [0.5]])
    across, down = filter_density(x + step), filter_density(y + step)
    weights = (down[:, None] * across[None]).reshape(9, points)
    return weights / weights.sum(), x


def _bands(squares: Mask, depth: Indices, points: int) -> Iterator[tuple[int, int]]:
    """Yield the rows of squares, from one to before another, that are done together to bound memory."""
    cost = np.cumsum(np.where(squares, 1 + depth, 0).sum(axis=1)) * points
    first = 0
    while first < len(cost):
        before = cost[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(cost, before + _MAX_POINTS, side="right")))
        if cost[last - 1] > before:
            yield first, last
        first = last


def _within(cards: SeenCards, first: int, last: int) -> SeenCards:
    """Return the cards that reach into some rows of squares."""
    near = np.flatnonzero((cards.y[:, 2] + 1 > first) & (cards.y[:, 0] + 1 < last))
    values, across, down = (part[:, near] for part in (cards.values, cards.across, cards.down))
    return SeenCards(cards.x[near], cards.y[near], values, across, down, cards.kinds[near], cards.alphas)


def _transmittance(cards: SeenCards, hidden: tuple[Float, Float, Float], block: _Block) -> Float:
    """Return what passes through the points of a block's wanted squares, ``(points, squares)`` in 0..1.

    ``hidden`` is where, along its lines, it is hidden behind what is opaque: what `boundaries` returned.
    """
    points, number, columns = len(block.shifts), int(block.wanted.sum()), block.wanted.shape[1]
    # Squares that are wanted are numbered through; after each line's last there is one for all others.
    before = np.concatenate([[0], np.cumsum(block.wanted)])
    squares = np.where(block.wanted.reshape(-1), before[:-1], number)
    pitch, size = number + 1, points * (number + 1)
    line, x, sign = hidden[0].astype(np.int64), *hidden[1:]
    start = np.clip(np.ceil(x - block.shifts[line % points]).astype(np.int64), 0, columns)
    place = before[line // points * columns + start] + line % points * pitch
    covered = np.cumsum(np.bincount(place, sign, minlength=size).reshape(points, pitch), axis=1) > 0.5
    spans = _spans(cards, block)
    found = [_fragments(cards, kind, spans, block, squares) for kind in range(len(cards.alphas))]
    places, weights = (np.concatenate(part) for part in zip(*found, strict=True))
    thickness = np.bincount(places, weights, minlength=size).reshape(points, pitch)
    return np.asarray(np.where(covered, 0.0, np.exp(-thickness))[:, :-1])


def _spans(cards: SeenCards, block: _Block) -> _Spans:
    """Return the points of a block inside cards, lines counted from its first, longest spans first."""
    points, (rows, columns) = len(block.shifts), block.wanted.shape
    card, line, left, right = _crossed(cards, points, block.offset, block.top, block.top + rows)
    line = line - block.top * points
    shift = block.shifts[line % points]
    first, last = (np.clip(np.ceil(x - shift), 0, columns).astype(np.int64) for x in (left, right))
    kept = np.flatnonzero(last > first)
    pieces = -(-(last - first)[kept] // _LONGEST)
    which, piece = _counted(np.zeros_like(pieces), pieces)
    kept = kept[which]
    first = first[kept] + piece * _LONGEST
    last = np.minimum(last[kept], first + _LONGEST)
    order = np.argsort((first - last).astype(np.int8), kind="stable")
    return _Spans(card[kept][order], line[kept][order], first[order], last[order])


def _crossed(
    cards: SeenCards, points: int, offset: float, top: int, bottom: int
) -> tuple[Indices, Indices, Float, Float]:
    """Return card, line, and from where to where (in squares) of all crossings of cards with lines of points.

    A side is the same numbers in both cards that share it, so that they meet exactly.
    """
    x, y = cards.x.T + 1, (cards.y.T + 1) * points - offset
    lines = np.clip(np.ceil(y), top * points, bottom * points).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        upper, lower, long = ((x[b] - x[a]) / (y[b] - y[a]) for a, b in ((0, 1), (1, 2), (0, 2)))
        starts = x[0] - y[0] * upper, x[1] - y[1] * lower, x[0] - y[0] * long
    part, line = _counted(lines[:2].reshape(-1), lines[1:].reshape(-1))  # upper halves, then lower ones
    card = part % len(cards.x)
    one = starts[2][card] + line * long[card]
    other = np.concatenate(starts[:2])[part] + line * np.concatenate([upper, lower])[part]
    return card, line, np.minimum(one, other), np.maximum(one, other)


def _counted(first: Indices, last: Indices) -> tuple[Indices, Indices]:
    """Return for each pair the numbers from its first to before its last, and before them which pair they are of."""
    count = np.maximum(last - first, 0)
    which = np.repeat(np.arange(len(count)), count)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(count) - count - first, count)


def _fragments(cards: SeenCards, kind: int, spans: _Spans, block: _Block, squares: Indices) -> tuple[Indices, Float]:
    """Return the points in cards of one kind: where they are in sums by line and square, and the thickness there.

    ``squares`` are the numbers of all squares of the block, the highest for those that are not wanted.
    """
    if len(cards.alphas) > 1:
        ours = cards.kinds[spans.card] == kind
        spans = _Spans(*(part[ours] for part in spans))
    card, line, first, last = spans
    points, columns, alpha = len(block.shifts), block.wanted.shape[1], cards.alphas[kind]
    table = np.minimum(-np.log(np.maximum(alpha.transmittance, 1e-300)), _OPAQUE)
    number = last - first
    counts = np.searchsorted(-number, -np.arange(number.max(initial=0)))  # of spans longer than 0, 1, 2...
    total = int(number.sum())
    places = np.empty(total, np.int64)
    row, square = line % points, line // points * columns + first
    sums = row * (int(block.wanted.sum()) + 1)
    done = 0
    for count in counts:
        np.add(squares[square[:count]], sums[:count], out=places[done : done + count])
        square[:count] += 1
        done += count
    if alpha.lookup is None or not total:
        return places, np.full(total, table[0])
    x = (first + block.shifts[row] - 1 - cards.x[card, 0]).astype(np.float32)
    y = ((line + block.offset) / points + block.top - 1 - cards.y[card, 0]).astype(np.float32)
    across = [part[card] for part in cards.across]
    planes = zip(cards.values, across, cards.down, strict=True)
    w, u, v = (start[card] + more * x + down[card] * y for start, more, down in planes)
    where = np.zeros((2, -(-total // _COLUMNS), _COLUMNS), np.float32)
    map_x, map_y = where.reshape(2, -1)
    done = 0
    with np.errstate(divide="ignore"):  # beside slivers
        for count in counts:
            depth = 1 / w[:count]
            np.multiply(u[:count], depth, out=map_x[done : done + count])
            np.multiply(v[:count], depth, out=map_y[done : done + count])
            for value, more in zip((w, u, v), across, strict=True):
                value[:count] += more[:count]
            done += count
    how = cv2.INTER_LINEAR if alpha.lookup.interpolation == "Linear" else cv2.INTER_NEAREST
    border = _BORDERS.get(alpha.lookup.extension, cv2.BORDER_CONSTANT)
    levels = cv2.remap(alpha.picture, where[0], where[1], how, borderMode=border)
    return places, np.asarray(cv2.LUT(levels, table), np.float64).reshape(-1)[:total]
