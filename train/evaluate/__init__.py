"""Networks and baselines measured on any data set: ``synthmat evaluate``."""
