"""Small matrices trained beside a model: LoRA."""
