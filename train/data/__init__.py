"""From stored samples, layouts and live composites to batches."""
