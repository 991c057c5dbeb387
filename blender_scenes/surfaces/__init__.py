"""Faces mended as their authors meant them: windings, single sides, outline hulls, decals, duplicates."""
