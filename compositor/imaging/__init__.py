"""From a foreground image and a photo to the composite's pixels."""
