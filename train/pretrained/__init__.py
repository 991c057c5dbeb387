"""Weights that a network starts from."""
