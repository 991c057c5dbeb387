"""Clips: sequences of composites as video files."""
