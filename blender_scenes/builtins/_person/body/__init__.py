"""The body of a person: its shape, its face and its pose, in NumPy alone."""
