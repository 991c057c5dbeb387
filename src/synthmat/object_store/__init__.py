"""Output in an object store, through fsspec: a working copy on this machine, and what is finished published from it."""
