"""Random changes of colors and patterns that make many objects of one."""
