"""Hidden parts, collision hulls and coarser levels of detail are not shown, in any format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import blender_session

EXPORTERS = {
    "glb": ("export_scene", "gltf"),
    "obj": ("wm", "obj_export"),
    "fbx": ("export_scene", "fbx"),
    "usda": ("wm", "usd_export"),
    "blend": ("wm", "save_as_mainfile"),
}


def make_parts(path: str, names: list[str], hidden: bool = False) -> None:
    """Write cubes of these names in a row; with ``hidden`` all but the first are hidden."""
    import bpy

    blender_session._empty()
    for i, name in enumerate(names):
        bpy.ops.mesh.primitive_cube_add(location=(3 * i, 0, 0))
        bpy.context.object.name = bpy.context.object.data.name = name
        bpy.context.object.hide_viewport = hidden and i > 0
        bpy.context.object.hide_render = hidden and i > 0
    group, operator = EXPORTERS[path.rpartition(".")[2]]
    options = {"use_visible": False} if path.endswith("fbx") else {}
    getattr(getattr(bpy.ops, group), operator)(filepath=path, **options)


def width(pixels: Any) -> int:
    return int(np.ptp(np.nonzero(pixels[..., 3])[1]))


@pytest.mark.parametrize("suffix", EXPORTERS)
def test_the_finest_level_is_shown_and_no_hull(studio: Any, blender: Any, tmp_path: Path, suffix: str) -> None:
    names = ["tree_LOD0", "tree_LOD1", "tree_lod2", "UCX_tree_00", "tree_collision", "tree-colonly"]
    blender(make_parts, str(tmp_path / f"tree.{suffix}"), names)
    rows, _ = studio.render(tmp_path / f"tree.{suffix}")
    scale = 0.01 if suffix == "fbx" else 1.0
    assert rows[0]["model"]["centre"][0] == pytest.approx(0, abs=0.01 * scale)
    said = " ".join(rows[0]["warnings"])
    assert "levels of detail" in said
    assert "collision hulls" in said
    if suffix != "usda":  # which knows no minus in names
        assert all(name in said for name in names[1:])


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["a_LOD1", "a_LOD2"], 1),
        (["body_LOD0", "hat_LOD1"], 2),
        (["melody", "wall-col"], 2),
        (["UCX_a", "UBX_b"], 2),
        (["LOD0", "LOD1"], 1),
        (["a_LOD0_red", "a_LOD1_red", "a_LOD0_blue"], 3),
    ],
)
def test_names_are_taken_for_what_they_say(
    studio: Any, blender: Any, tmp_path: Path, names: list[str], shown: int
) -> None:
    blender(make_parts, str(tmp_path / "parts.glb"), names)
    rows, _ = studio.render(tmp_path / "parts.glb")
    count = 3 if shown == 3 else shown
    assert rows[0]["model"]["centre"][0] == pytest.approx(1.5 * (count - 1), abs=0.01)
    assert bool(rows[0]["warnings"]) == (len(names) != shown or names[0] == "UCX_a" or shown == 3)


@pytest.mark.parametrize("suffix", ["usda", "blend"])
def test_what_a_file_hides_is_not_shown(studio: Any, blender: Any, tmp_path: Path, suffix: str) -> None:
    blender(make_parts, str(tmp_path / f"parts.{suffix}"), ["a", "b"], True)
    rows, _ = studio.render(tmp_path / f"parts.{suffix}")
    assert rows[0]["model"]["centre"][0] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("prop", ['"Visibility", "Visibility", "", "A",0', '"Show", "bool", "", "",0'])
def test_what_an_fbx_file_hides_is_not_shown(studio: Any, tmp_path: Path, prop: str) -> None:
    write_fbx(tmp_path / "parts.fbx", prop)
    rows, _ = studio.render(tmp_path / "parts.fbx", elevation=45.0)
    assert rows[0]["model"]["centre"][0] == pytest.approx(0, abs=1e-4)
    assert rows[0]["warnings"] == ["not shown, being hidden in the file: second"]


def write_fbx(path: Path, prop: str) -> None:
    """Write two squares, the second far off and with a property of its own."""
    parts, links = [], []
    for number, (name, x, more) in enumerate((("first", 0, ""), ("second", 9, f"P: {prop}")), start=1):
        parts.append(
            f"""Geometry: 10{number}, "Geometry::{name}", "Mesh" {{
        Vertices: *12 {{ a: -1,0,0,1,0,0,1,2,0,-1,2,0 }}
        PolygonVertexIndex: *4 {{ a: 0,1,2,-4 }}
        GeometryVersion: 124
    }}
    Model: {number}, "Model::{name}", "Mesh" {{
        Version: 232
        Properties70:  {{
            P: "Lcl Translation", "Lcl Translation", "", "A",{x},0,0
            {more}
        }}
    }}"""
        )
        links.append(f'C: "OO",{number},0\n    C: "OO",10{number},{number}')
    body = "\n    ".join(parts)
    path.write_text(
        "; FBX 7.4.0 project file\nFBXHeaderExtension:  {\n    FBXHeaderVersion: 1003\n    FBXVersion: 7400\n}\n"
        'GlobalSettings:  {\n    Properties70:  {\n        P: "UpAxis", "int", "Integer", "",1\n    }\n}\n'
        f"Objects:  {{\n    {body}\n}}\nConnections:  {{\n    " + "\n    ".join(links) + "\n}\n"
    )


def test_show_is_read_from_binary_files_too(blender: Any) -> None:
    def words(*values: bytes) -> bytes:
        return b"".join(b"S" + len(value).to_bytes(4, "little") + value for value in values)

    def node(name: bytes, show: int) -> bytes:
        flag = b"I" + bytes([show, 0, 0, 0])
        return words(name + b"\0\x01Model", b"Mesh") + words(b"Show", b"bool", b"", b"A+U") + flag

    data = b"Kaydara FBX Binary  \0" + node(b"seen", 1) + node(b"unseen", 0) + node(b"last", 1)
    assert blender(names_unshown, data) == {"unseen"}


def names_unshown(data: bytes) -> set[str]:
    from synthmat.blender_scenes.models.helper_meshes import fbx_hidden_names

    return fbx_hidden_names(data)
