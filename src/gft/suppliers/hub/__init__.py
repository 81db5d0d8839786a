"""Hugging Face: models and data of its hub."""
