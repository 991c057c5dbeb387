"""Blender itself: node trees, worlds, devices, versions, settings, and what must be put back after a pass."""
