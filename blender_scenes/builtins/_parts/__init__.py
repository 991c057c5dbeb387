"""Shapes and materials that several built-in objects are made of."""
