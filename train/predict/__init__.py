"""Mattes and cut-outs of pictures of any size: ``synthmat predict``."""
