"""The training loop and what it uses: optimizer groups, schedule, checkpoints, validation, devices."""
