"""Everything that imports bpy; runs inside render workers only."""

if __name__ != "synthmat.blender_scenes":
    raise ImportError("import this folder as synthmat.blender_scenes (pip install -e .)")
