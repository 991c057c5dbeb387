"""Small charts as inline SVG, in the colors of the page they stand on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 340, 190, 52, 10, 18, 26
_MOST_DOTS = 2000


def figure(title: str, svg: str, note: str = "") -> str:
    """Return a chart with its title, and a few words on what was counted."""
    words = f"<small>{escape(note)}</small>" if note else ""
    return f"<figure class=chart><figcaption>{escape(title)}{words}</figcaption>{svg}</figure>"


def histogram(values: Sequence[float], *, bins: int = 24, limits: tuple[float, float] | None = None) -> str:
    """Return the histogram of ``values``; ``limits`` are those of the values if absent."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return _empty()
    low, high = limits or (min(finite), max(finite))
    if high <= low:
        low, high = low - 0.5 * (abs(low) or 1), high + 0.5 * (abs(high) or 1)
    counts = [0] * bins
    for value in finite:
        counts[min(bins - 1, max(0, int((value - low) / (high - low) * bins)))] += 1
    return bars(counts, low, high)


def bars(counts: Sequence[int], low: float, high: float) -> str:
    """Return a bar for each count; the bars divide ``low`` .. ``high`` evenly."""
    top = max(counts, default=0)
    if not top:
        return _empty()
    step = (_WIDTH - _LEFT - _RIGHT) / len(counts)
    parts = []
    for index, count in enumerate(counts):
        height = count / top * (_HEIGHT - _TOP - _BOTTOM)
        begin, end = (low + (high - low) * (index + more) / len(counts) for more in (0, 1))
        parts.append(
            f"<rect class=bar x={_LEFT + index * step + 0.5:.1f} y={_HEIGHT - _BOTTOM - height:.1f} "
            f"width={step - 1:.1f} height={height:.1f}>"
            f"<title>{_number(begin)} to {_number(end)}: {count:,}</title></rect>"
        )
    return _svg(_axes((low, high), (0, top)) + "".join(parts))


def scatter(
    points: Sequence[tuple[float, float]],
    x: tuple[float, float],
    y: tuple[float, float],
    *,
    down: bool = False,
) -> str:
    """Return a dot for each point within the given limits; ``down`` has y grow downwards, as in pictures."""
    if not points:
        return _empty()
    shown = points if len(points) <= _MOST_DOTS else points[:: math.ceil(len(points) / _MOST_DOTS)]
    limits = (y[1], y[0]) if down else y
    dots = "".join(f"<circle class=dot cx={_x(px, x):.1f} cy={_y(py, limits):.1f} r=2 />" for px, py in shown)
    return _svg(_axes(x, limits) + dots)


def lines(series: Mapping[str, Sequence[tuple[float, float]]], *, log: bool = False) -> str:
    """Return one line for each named series of points; ``log`` has powers of ten evenly apart on the y axis."""
    kept = {
        name: [(px, math.log10(py) if log else py) for px, py in points if math.isfinite(py) and (py > 0 or not log)]
        for name, points in series.items()
    }
    kept = {name: points for name, points in kept.items() if points}
    if not kept:
        return _empty()
    every = [point for points in kept.values() for point in points]
    x = _widened(min(p[0] for p in every), max(p[0] for p in every))
    y = _widened(min(p[1] for p in every), max(p[1] for p in every))
    parts = [_axes(x, y, log=log)]
    for number, points in enumerate(kept.values()):
        path = " ".join(f"{_x(px, x):.1f},{_y(py, y):.1f}" for px, py in points)
        parts.append(f'<polyline class="line s{number % 4}" points="{path}"/>')
        if len(points) == 1:
            parts.append(
                f'<circle class="s{number % 4}" cx={_x(points[0][0], x):.1f} cy={_y(points[0][1], y):.1f} r=3 />'
            )
    keys = " &#160; ".join(f'<tspan class="s{i % 4}">{escape(name)}</tspan>' for i, name in enumerate(kept))
    parts.append(f"<text class=key x={_WIDTH - _RIGHT} y=10 text-anchor=end>{keys}</text>")
    return _svg("".join(parts))


def _widened(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _x(value: float, limits: tuple[float, float]) -> float:
    return _LEFT + (value - limits[0]) / (limits[1] - limits[0]) * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float, limits: tuple[float, float]) -> float:
    return _HEIGHT - _BOTTOM - (value - limits[0]) / (limits[1] - limits[0]) * (_HEIGHT - _TOP - _BOTTOM)


def _axes(x: tuple[float, float], y: tuple[float, float], *, log: bool = False) -> str:
    parts = []
    for share in (0, 0.5, 1):
        at = _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)
        value = y[0] + share * (y[1] - y[0])
        words = _number(10**value if log else value)
        parts.append(f"<line class=grid x1={_LEFT} x2={_WIDTH - _RIGHT} y1={at:.1f} y2={at:.1f} />")
        parts.append(f"<text x={_LEFT - 5} y={at + 4:.1f} text-anchor=end>{words}</text>")
        anchor = ("start", "middle", "end")[int(share * 2)]
        place = _LEFT + share * (_WIDTH - _LEFT - _RIGHT)
        words = _number(x[0] + share * (x[1] - x[0]))
        parts.append(f"<text x={place:.1f} y={_HEIGHT - 8} text-anchor={anchor}>{words}</text>")
    return "".join(parts)


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _svg(body: str) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role=img>{body}</svg>'


def _empty() -> str:
    return "<p class=faint>nothing to show</p>"
