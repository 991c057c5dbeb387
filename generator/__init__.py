"""Plans renders from a recipe and runs the render workers."""

if __name__ != "synthmat.generator":
    raise ImportError("import this folder as synthmat.generator (pip install -e .)")
