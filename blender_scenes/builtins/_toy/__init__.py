"""The parts of the toy character."""
