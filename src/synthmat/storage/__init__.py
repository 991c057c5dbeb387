"""Files on disk: atomic writes, digests, rows, locks, and where each stage puts what."""
