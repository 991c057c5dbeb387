"""The training loop and what it stands on: optimizer groups, schedule, checkpoints, validation, devices."""
