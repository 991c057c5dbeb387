"""Blender monkey head, the classic test object."""
