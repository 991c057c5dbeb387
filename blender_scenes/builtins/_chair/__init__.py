"""The kinds of chairs."""
