"""Mattes, cut-outs and composites of clips: `synthmat predict` on video files."""
