"""Blender opens no file for a model that is not its own."""

from __future__ import annotations

import dataclasses
import json
import os

import pytest
from support.blender_session import render
from support.small_models import paint, usd_material, write_usda

from synthmat.errors import AssetError

SQUARE = "v -1 -1 0\nv 1 -1 0\nv 1 1 0\nv -1 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nusemtl a\nf 1/1 2/2 3/3 4/4\n"


def test_a_model_that_names_files_elsewhere_is_refused_and_says_how_it_is_allowed(studio, tmp_path):
    own, secret = tmp_path / "own", paint(tmp_path / "secret" / "x.png", 255, 0, 0)
    own.mkdir()
    (own / "a.obj").write_text(f"mtllib a.mtl\n{SQUARE}")
    (own / "a.mtl").write_text("newmtl a\nmap_Kd ../secret/x.png\n")
    (own / "b.obj").write_text(f"mtllib /dev/zero\n{SQUARE}")
    gltf = {"asset": {"version": "2.0"}, "images": [{"uri": "../secret/x.png"}]}
    (own / "c.gltf").write_text(json.dumps(gltf))
    os.mkfifo(own / "pipe.bin")
    (own / "d.gltf").write_text(json.dumps({"asset": {"version": "2.0"}, "buffers": [{"uri": "pipe.bin"}]}))
    write_usda(own / "e.usda", usd_material(diffuseColor="../secret/x.png"))
    for name in ("a.obj", "b.obj", "c.gltf", "d.gltf", "e.usda"):
        with pytest.raises(AssetError, match=rf"{name}: it refers to .*, which is no plain file"):
            studio.render(own / name)
    job = studio.job(own / "a.obj")
    asset = dataclasses.replace(job.asset, folders=(str(secret.parent),))
    assert len(studio.blender(render, dataclasses.replace(job, asset=asset))) == 1
