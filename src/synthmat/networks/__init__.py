"""Networks that come with synthmat, each an ONNX file with its card: data, figures on photographs, license."""
