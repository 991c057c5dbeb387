"""What each file format needs beside Blender's own importer."""
