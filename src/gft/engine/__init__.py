"""The training loop and the prediction loop: batches, precision, checkpoints, interruptions."""
