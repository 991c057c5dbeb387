"""Alpha, color spaces, trimaps, and picture files read and written safely."""
