"""Ready recipes, each one runnable."""

if __name__ != "synthmat.recipes":
    raise ImportError("import this folder as synthmat.recipes (pip install -e .)")
