"""Trained networks behind an address: `synthmat serve`, and `synthmat app` with a page for the browser."""
