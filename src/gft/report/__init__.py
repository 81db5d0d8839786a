"""What a fit leaves to read: metrics, predictions, history, a model card."""
