"""Collars of cloth and of fur along a garment's neckline, belts round the waist, buttons."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Vector

from synthmat.blender_scenes.builtins._parts.curve import Array, frames_along, unit
from synthmat.blender_scenes.builtins._parts.hair_material import hair_colors, hair_material
from synthmat.blender_scenes.builtins._parts.material import plain
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, ribbon, superquadric, tube
from synthmat.blender_scenes.builtins._parts.strands import add_strands, taper
from synthmat.blender_scenes.builtins._person.body.body import Body
from synthmat.blender_scenes.builtins._person.fabrics import cloth_color
from synthmat.blender_scenes.builtins._person.garment import Garment
from synthmat.blender_scenes.builtins._person.surface import boundary_loops, vertex_normals

_POINTS = 120


def neckline(garment: Garment) -> Array:
    """Return the neckline ``(120, 3)``, evenly, from the middle of the front once round."""
    loops = boundary_loops(garment.surface.faces)
    loop = min(loops, key=lambda each: float(garment.measures.neck[each].mean()))
    places = garment.surface.places[loop]
    start = int(np.argmin(places[:, 1] + 0.3 * places[:, 2]))
    places = np.roll(places, -start, axis=0)
    closed = np.concatenate([places, places[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    even = np.linspace(0, along[-1], _POINTS, endpoint=False)
    line = np.stack([np.interp(even, along, closed[:, k]) for k in range(3)], axis=1)
    for _ in range(3):
        line = (line * 2 + np.roll(line, 1, axis=0) + np.roll(line, -1, axis=0)) / 4
    return line


def add_shirt_collar(garment: Garment, body: Body, material: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add a collar that stands up along the neckline and folds outward, open in front, with two points."""
    line, up, out = _frame(garment, body)
    share = np.linspace(0, 1, _POINTS)[:, None]
    front = np.abs(share - 0.5) * 2
    stand = rng.uniform(0.024, 0.034) * (1 - 0.3 * front**6)
    leaf = rng.uniform(0.03, 0.042) + rng.uniform(0.01, 0.025) * front**8
    rows = [
        line - out * 0.001,
        line + up * stand * 0.6 - out * 0.003,
        line + up * stand,
        line + up * (stand + 0.002) + out * 0.005,
        line + up * (stand - leaf * 0.4) + out * (0.007 + 0.08 * leaf),
        line + up * (stand - leaf) + out * (0.01 + 0.25 * leaf),
    ]
    # A gap in front, whose sides run away from each other.
    gap = 3
    grid = np.stack([row[gap:-gap] for row in rows])
    _thick(add_grid("collar", grid, material, around=False), 0.0015)


def add_turtleneck(garment: Garment, body: Body, material: bpy.types.Material, rng: np.random.Generator) -> None:
    """Add a collar that goes up the neck and is turned over."""
    line, up, out = _frame(garment, body)
    high = rng.uniform(0.035, 0.06)
    rows = [line + up * high * t - out * 0.018 * np.sin(np.pi * min(t, 0.5)) for t in np.linspace(0, 1, 8)]
    if rng.random() < 0.6:
        top = rows[-1]
        rows += [
            top + out * 0.004 + up * 0.002,
            top + out * 0.008 - up * high * 0.35,
            top + out * 0.011 - up * high * 0.6,
        ]
    _thick(add_grid("collar", np.stack(rows), material), 0.003)


def add_fur_collar(garment: Garment, rng: np.random.Generator) -> bpy.types.Object:
    """Add fur along the neckline of a garment that is open in front, from the chest round the neck, as strands."""
    line = _open_neckline(garment)
    slim = np.interp(np.linspace(0, 1, len(line)), (0, 0.15, 0.85, 1), (0.5, 1, 1, 0.5))
    thick = float(rng.uniform(0.018, 0.03)) * slim
    colors = hair_colors(rng)
    tube("fur base", plain("fur base", colors[0], roughness=0.9), line, thick * 0.75, segments=16)
    side, other = frames_along(line, closed=False)
    count = 9000
    along, angle = rng.uniform(0, len(line) - 1, count), rng.uniform(0, 2 * np.pi, count)
    at = along.astype(int)
    share = (along - at)[:, None]
    after = np.minimum(at + 1, len(line) - 1)
    middle = line[at] * (1 - share) + line[after] * share
    out = np.cos(angle)[:, None] * side[at] + np.sin(angle)[:, None] * other[at]
    way = unit(out + [0.0, 0.0, -0.35] + rng.normal(0, 0.3, (count, 3)))
    long = rng.uniform(0.012, 0.03) * rng.uniform(0.5, 1.2, (count, 1, 1))
    t = np.linspace(0, 1, 6)[None, :, None]
    curl = rng.normal(0, 0.3, (count, 1, 3))
    start = middle + out * (thick[at] * 0.7)[:, None]
    points = start[:, None] + (way[:, None] * t + (curl + [0, 0, -0.4]) * t**2 * 0.5) * long
    radius = 0.00012 * rng.uniform(0.7, 1.2, (count, 1)) * taper(6, 0.2, 0.2)
    return add_strands("fur", points, radius, hair_material(*colors, rng))


def add_belt(garment: Garment, body: Body, rng: np.random.Generator) -> None:
    """Add a belt with a buckle along the upper edge of a garment that begins at the waist."""
    up = unit(body.joints["spine03"][:3, 3] - body.joints["root"][:3, 3])
    spots = garment.surface.places[garment.edge < 0.006]
    spots = spots[spots @ up > float((spots @ up).max()) - 0.012]
    middle = spots.mean(axis=0)
    ahead = unit(np.array([0.0, -1.0, 0.0]) - up * -up[1])
    side = np.cross(ahead, up)
    flat = np.stack([(spots - middle) @ side, (spots - middle) @ ahead], axis=1)
    outline = hull(flat)
    closed = np.concatenate([outline, outline[:1]])
    far = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    even = np.linspace(0, far[-1], 81)
    loop = np.stack([np.interp(even, far, closed[:, k]) for k in range(2)], axis=1) * 1.025
    path = middle + loop[:, :1] * side + loop[:, 1:] * ahead - up * 0.004
    leather = plain("belt", cloth_color(rng), roughness=float(rng.uniform(0.35, 0.8)))
    width = float(rng.uniform(0.009, 0.022))
    ribbon("belt", leather, path, up, width, 0.003)
    front = path[int(np.argmax(loop[:, 1]))] + ahead * 0.004
    metal = plain("buckle", (0.6, 0.5, 0.3), roughness=0.25, metallic=1.0)
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    frame = [front + side * x * width * 0.9 + up * z * width * 1.15 for x, z in corners]
    tube("buckle", metal, frame, 0.0022, closed=True, segments=8)


def add_buttons(garment: Garment, rng: np.random.Generator) -> None:
    """Add buttons to the scene, down the middle of a garment's front, 6 to 9 cm apart."""
    at, places = garment.measures, garment.surface.places
    normals = vertex_normals(places, garment.surface.faces)
    front = np.flatnonzero((at.y < 0.0) & (np.abs(at.x) < 0.02) & (at.arm < 0.3))
    shade = (0.75, 0.72, 0.66) if rng.random() < 0.5 else cloth_color(rng)
    material = plain("button", shade, roughness=0.3)
    apart = float(rng.uniform(0.06, 0.09))
    for height in np.arange(float(at.z[front].max()) - 0.015, float(at.z[front].min()) + 0.02, -apart):
        off = (at.z[front] - height) ** 2 + at.x[front] ** 2
        near = front[np.argsort(off)[:4]]
        out = unit(normals[near].mean(axis=0))
        turn = Vector((0.0, 0.0, 1.0)).rotation_difference(Vector(out.tolist())).to_matrix()
        superquadric("button", material, places[near].mean(axis=0) + out * 0.003, (0.0055, 0.0055, 0.0014), (1, 0.4),
                     turn, rings=12)  # fmt: skip


def hull(points: Array) -> Array:
    """Return the corners ``(k, 2)`` of the convex hull of points ``(n, 2)``, counter-clockwise (Andrew 1979)."""
    order = points[np.lexsort((points[:, 1], points[:, 0]))]

    def chain(spots: Array) -> list[Array]:
        kept: list[Array] = []
        for spot in spots:
            while len(kept) > 1:
                (ax, ay), (bx, by) = kept[-1] - kept[-2], spot - kept[-1]
                if ax * by - ay * bx > 0:
                    break
                kept.pop()
            kept.append(spot)
        return kept[:-1]

    return np.array(chain(order) + chain(order[::-1]))


def _open_neckline(garment: Garment) -> Array:
    """Return the neckline ``(60, 3)`` of a garment that is open in front: up one lapel, round the neck and down."""
    loop = boundary_loops(garment.surface.faces)[0]
    at = garment.measures
    loop = np.roll(loop, -int(np.argmin(at.z[loop])))
    upper = (at.z[loop] > 0.3) & (at.arm[loop] < 0.5)
    inside = np.flatnonzero(upper)
    runs = np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1)
    line = garment.surface.places[loop[max(runs, key=len)]]
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    even = np.linspace(0, along[-1], 60)
    found: Array = np.stack([np.interp(even, along, line[:, k]) for k in range(3)], axis=1)
    for _ in range(4):
        found[1:-1] = (found[1:-1] * 2 + found[:-2] + found[2:]) / 4
    return found


def _frame(garment: Garment, body: Body) -> tuple[Array, Array, Array]:
    """Return the neckline, the way up the neck ``(3,)`` and the ways out of it ``(120, 3)``."""
    line = neckline(garment)
    up = unit(body.joints["head"][:3, 3] - body.joints["neck01"][:3, 3])
    away = line - line.mean(axis=0)
    return line, up, unit(away - np.outer(away @ up, up))


def _thick(item: bpy.types.Object, thickness: float) -> None:
    solid = item.modifiers.new("thickness", "SOLIDIFY")
    solid.thickness, solid.offset = thickness, 1.0
