"""Trained networks made ready for real photographs without any matte: ``synthmat adapt`` and ``train.unlabelled``."""
