"""Resets Blender: after this, nothing of an earlier model is left in the process."""

from __future__ import annotations

import bpy


def empty_scene() -> bpy.types.Scene:
    """Reset Blender to its factory state with an empty scene and return the scene; scripts in files stay off.

    A full reset, not a clean-up of the old scene: with persistent data, the latter has put one model's texture on
    the next.
    """
    bpy.ops.wm.read_factory_settings(use_empty=True)
    preferences = bpy.context.preferences.filepaths
    preferences.use_scripts_auto_execute = False
    preferences.use_relative_paths = False
    preferences.temporary_directory = ""
    # Without these two, Cycles does not offer the sampling pattern of the matte pass.
    bpy.context.preferences.view.show_developer_ui = True
    bpy.context.preferences.experimental.use_cycles_debug = True
    return bpy.context.scene
