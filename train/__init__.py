"""Networks, losses, metrics and the trainer."""

if __name__ != "synthmat.train":
    raise ImportError("import this folder as synthmat.train (pip install -e .)")
