"""The scene of one job, and how one picture of it is rendered."""
