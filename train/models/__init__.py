"""Networks: one file each, with one function or class registered under its name."""
