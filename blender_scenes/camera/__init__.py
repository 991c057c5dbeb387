"""Where the camera is and what it sees: orbits, framing, depth of field, motion blur."""
