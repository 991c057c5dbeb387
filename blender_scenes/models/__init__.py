"""From a model file to objects in the scene: importing, turning, grouping, what of it is seen."""
