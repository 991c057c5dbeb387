"""Where the camera stands and what it sees: orbits, framing, depth of field, motion blur."""
