"""The data card of a data set, with the licences of all that is in it."""
