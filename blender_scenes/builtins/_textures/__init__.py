"""Pictures painted for built-in objects: labels, lace, nets, leaves."""
