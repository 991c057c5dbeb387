"""Alpha by a pass of its own, or by coverage, with its error stated."""
