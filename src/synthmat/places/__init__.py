"""63 photographs of places: views of eight panoramas by Greg Zaal (Poly Haven, CC0), made by `synthmat views all`."""
