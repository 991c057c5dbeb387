"""Lamps, panoramas, sun and sky, all of them of comparable strength."""
