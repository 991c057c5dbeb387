"""3D model files read without Blender: what they refer to, and what they claim to be."""
