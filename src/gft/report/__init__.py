"""What a fit leaves to read: figures, predictions, history, a model card."""
