"""Faces repaired as their authors meant them: windings, single sides, outline hulls, decals, duplicates."""
