"""Models as ONNX graphs: written, compared with the model, and computed without `torch`."""
