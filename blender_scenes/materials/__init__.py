"""What a material is made of and how much light it stops: textures, opacity, glass, cut-out cards."""
