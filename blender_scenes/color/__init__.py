"""The color pass: sampled in rounds, denoised where that is better, with its error stated."""
