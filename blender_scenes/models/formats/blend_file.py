"""Takes what a .blend file's active scene shows, and nothing else of it: no scripts, lights, world or settings."""

from __future__ import annotations

from pathlib import Path

import bpy

from synthmat.errors import AssetError

_NODES_SINCE = (2, 80, 0)


def append_active_scene(path: Path, name: str | None = None) -> tuple[list[str], list[bpy.types.Image]]:
    """Append the objects that the active scene of ``path`` renders to the current scene.

    ``name`` is what `active_scene` says, where that was asked before; else it is asked now.

    Returns:
        Warnings, and the images that materials from before Blender 2.80 refer to.

    Raises:
        AssetError: The file holds no scene.
        OSError: It cannot be read.
    """
    source = str(path.resolve())
    name = name or active_scene(path)
    current, before = bpy.context.scene, set(bpy.data.materials)
    with bpy.data.libraries.load(source, link=False) as (there, wanted):
        wanted.scenes = [name]
        wanted.textures = list(there.textures)
        wanted.actions = list(there.actions)
    library = next((entry for entry in bpy.data.libraries if _same_file(entry, source)), None)
    scene = wanted.scenes[0]
    _link_layer(scene.view_layers[0].layer_collection, current.collection)
    current.render.fps, current.render.fps_base = scene.render.fps, scene.render.fps_base
    current.frame_set(scene.frame_current, subframe=scene.frame_subframe)
    if not scene.render.engine.startswith("BLENDER_EEVEE"):
        # Of Blender's renderers only Eevee knows single-sided materials, and so the author of another's saw none.
        for material in set(bpy.data.materials) - before:
            material.use_backface_culling = False
    bpy.data.scenes.remove(scene)
    warnings = _version_warnings(library) + _library_warnings(library) + _driver_warnings()
    images: list[bpy.types.Image] = []
    if library is not None and tuple(library.version) < _NODES_SINCE:
        images = [texture.image for texture in wanted.textures if texture is not None and texture.type == "IMAGE"]
        images = [image for image in images if image is not None]
        if images:
            warnings.append("made before Blender 2.80: the textures of its materials are not shown")
    return warnings, images


def active_scene(path: Path) -> str:
    """Return the name of the scene that was open when the file was saved; Blender may be empty afterwards.

    Raises:
        AssetError: The file holds no scene.
        OSError: It cannot be read.
    """
    source = str(path.resolve())
    with bpy.data.libraries.load(source, link=False) as (there, _):
        names = list(there.scenes)
    if not names:
        raise AssetError(f"{path}: it holds no scene; save the model in a .blend file with a scene that shows it")
    if len(names) == 1:
        return str(names[0])
    from synthmat.blender_scenes.blender.reset import empty_scene

    bpy.ops.wm.open_mainfile(filepath=source, load_ui=False, use_scripts=False)
    name = str(bpy.context.scene.name)
    empty_scene()
    return name


def _link_layer(layer: bpy.types.LayerCollection, target: bpy.types.Collection) -> None:
    """Rebuild a view layer's tree below ``target`` without the collections that it leaves out."""
    for item in layer.collection.objects:
        if item.name not in target.objects:
            target.objects.link(item)
    for child in layer.children:
        if child.exclude or child.collection.hide_render:
            continue
        copy = bpy.data.collections.new(child.collection.name)
        target.children.link(copy)
        _link_layer(child, copy)


def _same_file(library: bpy.types.Library, source: str) -> bool:
    return Path(bpy.path.abspath(library.filepath)).resolve() == Path(source)


def _driver_warnings() -> list[str]:
    """Name what is moved by Python expressions, which are not run: it stays as the file was saved."""
    trees = [material.node_tree for material in bpy.data.materials if material.node_tree]
    owners = [
        *bpy.data.objects,
        *bpy.data.shape_keys,
        *bpy.data.armatures,
        *bpy.data.meshes,
        *bpy.data.materials,
        *trees,
    ]
    scripted = {
        owner.name
        for owner in owners
        for curve in (owner.animation_data.drivers if owner.animation_data else ())
        if curve.driver.type == "SCRIPTED" and not curve.driver.is_simple_expression
    }
    return [f"{name}: a driver of it is a Python expression and is not run" for name in sorted(scripted)]


def _version_warnings(own: bpy.types.Library | None) -> list[str]:
    """Tell of a file that a newer Blender saved, of which this one passes over what it does not know."""
    if own is None or tuple(own.version[:2]) <= bpy.app.version[:2]:
        return []
    saved_by, ours = (".".join(map(str, version[:2])) for version in (own.version, bpy.app.version))
    return [f"saved by Blender {saved_by}, newer than the {ours} that renders it: it may look otherwise"]


def _library_warnings(own: bpy.types.Library | None) -> list[str]:
    """Name the other .blend files that this one links to."""
    warnings = []
    for library in bpy.data.libraries:
        if library == own:
            continue
        file = Path(bpy.path.abspath(library.filepath))
        if file.is_file():
            warnings.append(f"takes data from the linked file {file.name}")
        else:
            warnings.append(f"missing linked file {library.filepath}: what it should bring is not shown")
    return warnings
