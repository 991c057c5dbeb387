"""synthmat: exact alpha-matting data from 3D models."""
