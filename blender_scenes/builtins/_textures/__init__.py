"""Pictures drawn for built-in objects: labels, lace, nets, leaves."""
