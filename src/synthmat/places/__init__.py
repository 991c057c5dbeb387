"""Photographs of places without a subject that come with synthmat: views of Blender's panoramas, all CC0.

`tools/make_places.py` makes them; recipes name them `places`.
"""
