"""What the tests run inside a Blender process: render jobs, and the making of models to render."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from synthmat.render_job import RenderJob

RED, BLUE = (0.8, 0.02, 0.02), (0.02, 0.02, 0.8)


def start(log: str) -> None:
    """Send what Blender prints to a file and prepare the process as a render worker."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    from synthmat.blender_scenes.worker import prepare

    prepare(0, device="cpu", threads=1)


def render(job: RenderJob) -> list[dict[str, Any]]:
    """Render a job and return its rows."""
    from synthmat.blender_scenes.worker import render_job

    rows = Path(job.rows_file)
    rows.unlink(missing_ok=True)
    assert render_job(job) == len(job.views)
    return [json.loads(line) for line in rows.read_text().splitlines()]


def blender_prepare(device: str) -> None:
    """Call `prepare` anew with a device."""
    from synthmat.blender_scenes.worker import prepare

    prepare(0, device=device, threads=1)


def reads_draco() -> bool:
    """Return whether this Blender reads Draco-compressed glTF."""
    from synthmat.blender_scenes.blender.versions import draco_available

    return draco_available()


def settings_after_setup(job: RenderJob, paths: list[str]) -> dict[str, Any]:
    """Spoil settings, render a job, and return what the scene holds under ``paths``."""
    import bpy

    from synthmat.blender_scenes.blender.settings import read_settings

    bpy.context.scene.view_settings.exposure = 3.0
    bpy.context.scene.cycles.filter_width = 0.01
    render(job)
    return read_settings(bpy.context.scene, paths)


def wanted(job: RenderJob) -> dict[str, Any]:
    """Return the documented settings of a job."""
    from synthmat.blender_scenes.blender.settings import wanted_settings

    return wanted_settings(job.settings, threads=1, cycles_device="CPU")


def make_towers(folder: str) -> None:
    """Write a block, twice as tall as wide, red in front (-Y) and blue elsewhere, in every model format."""
    import bpy

    root = Path(folder)
    item = _tower()
    bpy.ops.export_scene.gltf(filepath=str(root / "tower.glb"))
    bpy.ops.export_scene.gltf(filepath=str(root / "tower.gltf"), export_format="GLTF_SEPARATE")
    bpy.ops.wm.obj_export(filepath=str(root / "tower.obj"))
    bpy.ops.export_scene.fbx(filepath=str(root / "tower.fbx"))
    bpy.ops.wm.stl_export(filepath=str(root / "tower.stl"))
    for suffix in ("usda", "usdc", "usdz"):
        bpy.ops.wm.usd_export(filepath=str(root / f"tower.{suffix}"))
    bpy.ops.wm.save_as_mainfile(filepath=str(root / "tower.blend"), copy=True)
    colors = item.data.color_attributes.new("Color", "FLOAT_COLOR", "CORNER")
    for face in item.data.polygons:
        for loop in face.loop_indices:
            colors.data[loop].color = (*(RED if face.material_index else BLUE), 1.0)
    item.data.materials.clear()
    item.modifiers.new("split", "EDGE_SPLIT").split_angle = 0.0
    bpy.ops.wm.ply_export(filepath=str(root / "tower.ply"), export_colors="SRGB")


def make_moved_tower(folder: str) -> None:
    """Write the tower a thousand times as large, off-centre, mirrored by a negative scale, below a parent."""
    import bpy

    item = _tower()
    item.scale = (-1000.0, 1000.0, 1000.0)
    item.location = (150_000.0, -40_000.0, 7_000.0)
    parent = bpy.data.objects.new("parent", None)
    bpy.context.scene.collection.objects.link(parent)
    item.parent = parent
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "moved.blend"), copy=True)


def make_sphere(folder: str) -> None:
    """Write a sphere that emits one color."""
    import bpy

    _empty()
    bpy.ops.mesh.primitive_uv_sphere_add(segments=48, ring_count=24)
    bpy.context.object.data.materials.append(_emission((0.4, 0.1, 0.02)))
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "sphere.blend"), copy=True)


def make_layers(folder: str) -> None:
    """Write twelve parallel planes of ten per cent opacity each, facing the front."""
    import bpy

    _empty()
    material = _emission((1.0, 1.0, 1.0), opacity=0.1)
    for i in range(12):
        bpy.ops.mesh.primitive_plane_add(location=(0, i * 0.01, 0), rotation=(1.5707963, 0, 0))
        bpy.context.object.data.materials.append(material)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "layers.blend"), copy=True)


def make_shapes(folder: str) -> None:
    """Write shapes that are hard to frame: a pole, a disc, a cone, hair, and a point light that is no object."""
    import bpy

    def save(name: str) -> None:
        bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / f"{name}.blend"), copy=True)
        _empty()

    _empty()
    bpy.ops.mesh.primitive_cylinder_add(radius=0.05, depth=4, location=(7, 1, 3))
    save("pole")
    bpy.ops.mesh.primitive_cylinder_add(radius=3, depth=0.02, location=(-5, 0, 0))
    save("disc")
    bpy.ops.mesh.primitive_cone_add(radius1=1, depth=3, vertices=64)
    bpy.ops.object.light_add(location=(60, 0, 0))
    save("cone")
    hair = bpy.data.hair_curves.new("hair")
    hair.add_curves([4] * 20)
    points = [(i * 0.1 - 1, 0.3 * j, j * 0.5 + i * 0.05) for i in range(20) for j in range(4)]
    hair.attributes["position"].data.foreach_set("vector", [x for point in points for x in point])
    radius = hair.attributes.get("radius") or hair.attributes.new("radius", "FLOAT", "POINT")
    radius.data.foreach_set("value", [0.15] * 80)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("hair", hair))
    save("hair")


def make_hidden(folder: str) -> None:
    """Write .blend files with far-off objects that a render does not show, and one that shows nothing at all."""
    import bpy

    item = _tower()
    scene = bpy.context.scene
    for i, way in enumerate(("object", "collection", "excluded")):
        extra = bpy.data.objects.new(way, item.data)
        extra.location = (50.0 * (i + 1), 0, 0)
        collection = bpy.data.collections.new(way)
        scene.collection.children.link(collection)
        collection.objects.link(extra)
        extra.hide_render = way == "object"
        collection.hide_render = way == "collection"
        bpy.context.view_layer.layer_collection.children[way].exclude = way == "excluded"
    second = bpy.data.scenes.new("another scene")
    far = bpy.data.objects.new("far", item.data)
    far.location = (0, 0, 99)
    second.collection.objects.link(far)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "hidden.blend"), copy=True)
    item.hide_render = True
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "nothing.blend"), copy=True)


def make_instances(folder: str) -> None:
    """Write a .blend file whose tower is there as a whole and as an instance of its own collection."""
    import bpy

    item = _tower()
    collection = bpy.data.collections.new("tower")
    bpy.context.scene.collection.children.link(collection)
    bpy.context.scene.collection.objects.unlink(item)
    collection.objects.link(item)
    copy = bpy.data.objects.new("copy", None)
    copy.instance_type = "COLLECTION"
    copy.instance_collection = collection
    copy.location = (4, 0, 0)
    bpy.context.scene.collection.objects.link(copy)
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "instances.blend"), copy=True)


def make_doubled(folder: str) -> None:
    """Write a plane whose one face lies there twice, facing either way."""
    import bpy

    _empty()
    corners = [(-1, 0, -1), (1, 0, -1), (1, 0, 1), (-1, 0, 1)]
    mesh = bpy.data.meshes.new("doubled")
    mesh.from_pydata(corners + corners, [], [(0, 1, 2, 3), (4, 7, 6, 5)])
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("doubled", mesh))
    bpy.ops.export_scene.gltf(filepath=str(Path(folder) / "doubled.glb"))


def make_textured(folder: str, name: str, color: list[float]) -> None:
    """Write a cube in glTF with its texture, one color, in a file beside it."""
    import bpy

    _empty()
    picture = Path(folder) / f"{name}_picture.png"
    image = bpy.data.images.new(picture.stem, 8, 8)
    image.pixels = [*color, 1.0] * 64
    image.filepath_raw = str(picture)
    image.file_format = "PNG"
    image.save()
    bpy.ops.mesh.primitive_cube_add()
    material = bpy.data.materials.new(name)
    if material.node_tree is None:
        material.use_nodes = True
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    tree.links.new(node.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    bpy.context.object.data.materials.append(material)
    bpy.ops.export_scene.gltf(filepath=str(Path(folder) / f"{name}.gltf"), export_format="GLTF_SEPARATE")
    assert picture.exists()


def make_trap(folder: str, mark: str) -> None:
    """Write a .blend file that would write the file ``mark`` if its text or its driver were run."""
    import bpy

    item = _tower()
    code = f"open({mark!r}, 'w').close()"
    text = bpy.data.texts.new("trap.py")
    text.write(f"import bpy\n{code}\n")
    text.use_module = True
    driver = item.driver_add("location", 0).driver
    driver.type = "SCRIPTED"
    driver.expression = f"(lambda: [0.0, open({mark!r}, 'w').close()][0])()"
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(folder) / "trap.blend"), copy=True)
    Path(mark).unlink(missing_ok=True)


def move(source: str, target: str) -> None:
    """Move a file, making the folder."""
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)


def _empty() -> None:
    from synthmat.blender_scenes.blender.reset import empty_scene

    empty_scene()


def _tower() -> Any:
    """Make the block in the emptied scene and return it."""
    import bpy

    _empty()
    bpy.ops.mesh.primitive_cube_add(scale=(0.5, 0.5, 1.0))
    item = bpy.context.object
    bpy.ops.object.transform_apply(scale=True)
    for color in (BLUE, RED):
        item.data.materials.append(_paint(color))
    for face in item.data.polygons:
        face.material_index = 1 if face.normal.y < -0.5 else 0
    return item


def _paint(color: tuple[float, float, float]) -> Any:
    import bpy

    material = bpy.data.materials.new("paint")
    if material.node_tree is None:
        material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*color, 1.0)
    shader.inputs["Roughness"].default_value = 1.0
    return material


def _emission(color: tuple[float, float, float], opacity: float = 1.0) -> Any:
    material = _paint((0.0, 0.0, 0.0))
    tree = material.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    emission = tree.nodes.new("ShaderNodeEmission")
    emission.inputs["Color"].default_value = (*color, 1.0)
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    mix = tree.nodes.new("ShaderNodeMixShader")
    mix.inputs[0].default_value = opacity
    tree.links.new(clear.outputs[0], mix.inputs[1])
    tree.links.new(emission.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], output.inputs["Surface"])
    return material
