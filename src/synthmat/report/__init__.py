"""Contact sheets and HTML pages of any stage's output."""
