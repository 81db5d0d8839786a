"""Predict-only tasks, which are applied and never fitted; similar ones share a file."""
