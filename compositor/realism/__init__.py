"""Effects that make a composite look like a photo: one file each, functions of pixels alone."""
