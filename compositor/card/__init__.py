"""The data card of a data set, with the licenses of all that is in it."""
