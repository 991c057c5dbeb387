"""Networks as files for other programs: ``synthmat export model``."""
