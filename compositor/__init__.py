"""Puts renders on photos and writes data sets."""

if __name__ != "synthmat.compositor":
    raise ImportError("import this folder as synthmat.compositor (pip install -e .)")
