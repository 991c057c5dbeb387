"""Poses: a model at a moment of one of its own actions."""

from __future__ import annotations

from synthmat.records import Pose


def apply_pose(pose: Pose) -> list[str]:
    """Pose the model that the scene holds, and return what a user should know.

    Called after the model is in the scene and before it is staged.
    """
    return [] if pose.time else []
