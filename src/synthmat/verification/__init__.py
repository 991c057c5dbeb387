"""Holds an output folder to what its own rows and card say of it."""
